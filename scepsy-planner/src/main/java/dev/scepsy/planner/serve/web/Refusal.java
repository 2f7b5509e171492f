package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import dev.scepsy.planner.serve.journal.Documents;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request that is not done; answered as {@code application/problem+json} (RFC 9457). */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /** @param detail a sentence that says what was wrong and what would be right */
    Refusal(int status, String detail) {
        super(detail, null, false, false);
        this.status = status;
    }

    /** Every problem of a request. */
    static Refusal bad(List<String> problems) {
        return new Refusal(400, String.join(" ", problems)).member("problems", problems);
    }

    static Refusal unknown(String detail) {
        return new Refusal(404, detail);
    }

    static Refusal later(String detail) {
        return new Refusal(503, detail).header("retry-after", Integer.toString(WebLimits.COME_AGAIN_SECONDS));
    }

    /** Adds a member to the problem's document. */
    Refusal member(String name, Object value) {
        members.put(name, value);
        return this;
    }

    Refusal header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    int status() {
        return status;
    }

    Answer answer() {
        Answer answer = problem(status, String.valueOf(getMessage()), members);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            answer = answer.with(header.getKey(), header.getValue());
        }
        return answer;
    }

    static Answer problem(int status, String detail, Map<String, Object> members) {
        ObjectNode body = Documents.mapper().createObjectNode();
        body.put("type", "about:blank")
                .put("title", HttpStatus.valueOf(status).reasonPhrase())
                .put("status", status)
                .put("detail", detail);
        members.forEach((name, value) -> body.set(name, Documents.tree(value)));
        return Answer.text(status, Answer.PROBLEM, Documents.text(body));
    }
}
