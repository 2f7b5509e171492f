package dev.scepsy.planner.serve.journal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * Something that happened.
 *
 * @param id rises by one
 * @param type {@code statistics}, {@code trigger}, {@code proposal}, {@code step}, {@code scorecard}, {@code pin}, {@code freeze} or {@code service}
 */
public record ServiceEvent(long id, Instant at, String type, JsonNode data) {}
