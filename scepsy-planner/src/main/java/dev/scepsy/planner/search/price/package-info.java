/**
 * Prices and bounds. Every placed plan is one pattern per domain, so what replicas are worth together never exceeds the best
 * patterns ({@link dev.scepsy.planner.search.price.PricingProblem}); from that come the knapsack relaxations, the restricted
 * masters, their Lagrangian dual, and reduced-cost fixing. Knows nothing of placement. For the other rooms of the search.
 */
@NullMarked
package dev.scepsy.planner.search.price;

import org.jspecify.annotations.NullMarked;
