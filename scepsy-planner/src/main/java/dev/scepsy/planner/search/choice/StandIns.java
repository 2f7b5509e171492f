package dev.scepsy.planner.search.choice;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link SpaceShape#holds} between shapes of the same model, worked out once for each that is asked about. */
public final class StandIns {

    private final ChoiceSpace space;
    private final long[] @Nullable [] held;
    private final int[] @Nullable [] heldShapes;

    /** Nothing is worked out yet. */
    public StandIns(ChoiceSpace space) {
        this.space = space;
        this.held = new long[space.shapes().size()][];
        this.heldShapes = new int[space.shapes().size()][];
    }

    /** Replicas of the other shape, of the same model, that stand where one of {@code shape} stood. */
    public long holds(SpaceShape shape, int other) {
        return row(shape)[other - first(shape)];
    }

    /** Positions of the shapes of the same model that can stand where {@code shape} stood. */
    public int[] heldBy(SpaceShape shape) {
        row(shape);
        int[] shapes = heldShapes[shape.index()];
        return shapes == null ? new int[0] : shapes;
    }

    private long[] row(SpaceShape shape) {
        long[] row = held[shape.index()];
        if (row == null) {
            List<SpaceShape> ofModel = space.shapes(shape.model());
            row = ofModel.stream().mapToLong(shape::holds).toArray();
            long[] holds = row;
            held[shape.index()] = row;
            heldShapes[shape.index()] = ofModel.stream()
                    .mapToInt(SpaceShape::index)
                    .filter(other -> holds[other - first(shape)] > 0)
                    .toArray();
        }
        return row;
    }

    /** Shapes of a model follow each other. */
    private int first(SpaceShape shape) {
        return space.shapes(shape.model()).get(0).index();
    }
}
