/**
 * Published checkpoints: what a Hugging Face {@code config.json} says of a model's shape and of how its weights are stored.
 * In goes the file's object, out comes a {@link dev.scepsy.planner.profile.ModelArchitecture}, or everything that is wrong or
 * not understood. Families that are known stand in a list; what is not in it is refused, or warned about where nothing in
 * the file is left unread.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.checkpoint;

import org.jspecify.annotations.NullMarked;
