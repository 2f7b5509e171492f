/**
 * The page over a folder of files: what they say, in the shapes that the running service answers in, and nothing to be changed. Reading happens
 * once, traces while the page is served already. {@code FolderView} is the door.
 */
@NullMarked
package dev.scepsy.planner.serve.view;

import org.jspecify.annotations.NullMarked;
