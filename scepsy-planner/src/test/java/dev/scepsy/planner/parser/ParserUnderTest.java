package dev.scepsy.planner.parser;

/** A parser that takes any bytes: it reads them or refuses them in its own way, and throws nothing. */
@FunctionalInterface
public interface ParserUnderTest {

    /** Throws only where the parser is broken. */
    void parse(byte[] bytes);
}
