package dev.scepsy.planner.search.heuristic;

import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceConstants;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.price.Prices;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Betters a plan by changing one, two or three models' choices at once, led by prices.
 *
 * <p>At prices every choice has a reduced cost: what it costs and takes beyond the cheapest answer of its model. A plan
 * costs the bound of the prices, its reduced costs, and what it leaves unused. So a change that makes a plan better saves
 * more reduced cost, and leaves less unused, than there is; which rules out nearly all combinations of changes before
 * placement is asked. What remains is asked in the order of what it saves.
 */
final class ExchangeMoves {

    private record Move(Choice to, int model, double reduced, double cost) {}

    private record Candidate(List<Move> moves, double cost) {}

    private final List<List<Choice>> choices;
    private final Prices prices;
    private final double capacity;
    private final LimitRepair limits;
    private final PlacementChecks checks;
    private final SearchLimits.Stop stop;

    ExchangeMoves(
            List<List<Choice>> choices,
            RootPrices root,
            LimitRepair limits,
            PlacementChecks checks,
            SearchLimits.Stop stop) {
        this.choices = choices;
        this.prices = root.prices();
        this.capacity = root.capacity();
        this.limits = limits;
        this.checks = checks;
        this.stop = stop;
    }

    /** Changes up to three models at once as long as that makes the plan better, with so many questions of placement. */
    void asLongAsBetter(Choice[] plan, long asked) {
        long last = checks.count() + asked;
        while (checks.count() < last && !stop.now() && better(plan, (int) (last - checks.count()))) {
            // every one makes room for the next
        }
    }

    private boolean legal(Choice[] plan) {
        return limits.keepsLimits(plan) && checks.placeable(plan);
    }

    /** Makes {@code plan} better once, by as much as one change can; false when none met is legal. */
    private boolean better(Choice[] plan, int asked) {
        double unused = capacity;
        for (Choice choice : plan) {
            unused -= prices.reduced(choice) - choice.cost();
        }
        List<Move> moves = moves(plan, unused);
        double least = -ChoiceConstants.SUM_ROUNDING
                * Math.max(ChoiceConstants.SMALLEST_COST, Math.abs(LagrangianHeuristic.cost(plan)));
        List<Candidate> candidates = candidates(moves, unused, least);
        candidates.sort(Comparator.comparingDouble(Candidate::cost));
        int left = asked;
        for (Candidate candidate : candidates) {
            if (left-- == 0) {
                return false;
            }
            Choice[] trial = plan.clone();
            candidate.moves.forEach(move -> trial[move.model] = move.to);
            if (legal(trial)) {
                System.arraycopy(trial, 0, plan, 0, plan.length);
                return true;
            }
        }
        return false;
    }

    /** Changes of single models that may be part of something better, those of least reduced cost first. */
    private List<Move> moves(Choice[] plan, double unused) {
        List<Move> moves = new ArrayList<>();
        double mayBeSaved = 0;
        double[] now = new double[plan.length];
        for (int model = 0; model < plan.length; model++) {
            now[model] = prices.reduced(plan[model]);
            double best = now[model];
            for (Choice choice : choices.get(model)) {
                best = Math.min(best, prices.reduced(choice));
            }
            mayBeSaved += now[model] - best;
        }
        for (int model = 0; model < plan.length; model++) {
            for (Choice choice : choices.get(model)) {
                double reduced = prices.reduced(choice) - now[model];
                if (!choice.same(plan[model]) && reduced < unused + mayBeSaved) {
                    moves.add(new Move(choice, model, reduced, choice.cost() - plan[model].cost()));
                }
            }
        }
        moves.sort(Comparator.comparingDouble(Move::reduced));
        return moves.size() > HeuristicConstants.MOST_MOVES ? moves.subList(0, HeuristicConstants.MOST_MOVES) : moves;
    }

    private List<Candidate> candidates(List<Move> moves, double unused, double least) {
        List<Candidate> found = new ArrayList<>();
        for (int a = 0; a < moves.size() && moves.get(a).reduced < unused; a++) {
            Move first = moves.get(a);
            // what is taken grows by reduced − cost, and may by what is unused
            if (first.cost < least && first.reduced - first.cost <= unused) {
                found.add(new Candidate(List.of(first), first.cost));
            }
        }
        for (int a = 0; a < moves.size(); a++) {
            Move first = moves.get(a);
            for (int b = a + 1; b < moves.size() && first.reduced + moves.get(b).reduced < unused; b++) {
                Move second = moves.get(b);
                double cost = first.cost + second.cost;
                if (first.model != second.model
                        && cost < least
                        && first.reduced + second.reduced - cost <= unused
                        && found.size() < HeuristicConstants.MOST_CANDIDATES) {
                    found.add(new Candidate(List.of(first, second), cost));
                }
            }
        }
        int few = Math.min(moves.size(), HeuristicConstants.MOST_IN_THREES);
        for (int a = 0; a < few; a++) {
            Move first = moves.get(a);
            for (int b = a + 1; b < few; b++) {
                Move second = moves.get(b);
                double two = first.reduced + second.reduced;
                if (first.model == second.model) {
                    continue;
                }
                for (int c = b + 1; c < few && two + moves.get(c).reduced < unused; c++) {
                    Move third = moves.get(c);
                    double cost = first.cost + second.cost + third.cost;
                    if (third.model != first.model
                            && third.model != second.model
                            && cost < least
                            && two + third.reduced - cost <= unused
                            && found.size() < HeuristicConstants.MOST_CANDIDATES) {
                        found.add(new Candidate(List.of(first, second, third), cost));
                    }
                }
            }
        }
        return found;
    }
}
