/**
 * What engines publish of themselves: Prometheus text of vLLM, SGLang, TGI and llama.cpp, as loads and rates per model.
 *
 * <p>Internal: public for the planner's other packages, changes without notice.
 */
@NullMarked
package dev.scepsy.planner.serve.engines;

import org.jspecify.annotations.NullMarked;
