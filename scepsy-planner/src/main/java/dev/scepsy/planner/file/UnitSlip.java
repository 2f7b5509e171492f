package dev.scepsy.planner.file;

/**
 * A unit that people write where a key means another one. Immutable.
 *
 * @param unit what was probably written
 * @param factor of the key's own unit in one of these
 * @param ownUnit what the key means
 */
record UnitSlip(String unit, double factor, String ownUnit) {

    double inOwnUnit(double value) {
        return value * factor;
    }
}
