package dev.scepsy.planner.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpJsonTest {

    private static final String IDS = "'traceId':'5b8efff798038103d269b633813fc60c','spanId':'eee19b7ec3c1b174'";

    private final OtlpJson json = new OtlpJson();

    @Test
    void idsAreHexOfEitherCase() throws Exception {
        Span span = span("'traceId':'5B8EFFF798038103D269B633813FC60C','spanId':'EEE19B7EC3C1B174',"
                + "'parentSpanId':'eee19B7ec3c1b173'");

        assertThat(span.traceId().toHex()).isEqualTo("5b8efff798038103d269b633813fc60c");
        assertThat(SpanId.toHex(span.spanId())).isEqualTo("eee19b7ec3c1b174");
        assertThat(SpanId.toHex(span.parentSpanId())).isEqualTo("eee19b7ec3c1b173");
    }

    @Test
    void idsOfProtobufsOwnJsonMappingAreBase64() throws Exception {
        Span span = span("'traceId':'W47/95gDgQPSabYzgT/GDA==','spanId':'7uGbfsPBsXQ=','parentSpanId':''");

        assertThat(span.traceId().toHex()).isEqualTo("5b8efff798038103d269b633813fc60c");
        assertThat(SpanId.toHex(span.spanId())).isEqualTo("eee19b7ec3c1b174");
        assertThat(span.hasParent()).isFalse();
    }

    @Test
    void aParentOfZerosOrNullIsNone() throws Exception {
        assertThat(span(IDS + ",'parentSpanId':'0000000000000000'").hasParent()).isFalse();
        assertThat(span(IDS + ",'parentSpanId':null").hasParent()).isFalse();
    }

    @Test
    void wholeNumbersAreTextOrNumber() throws Exception {
        Span text = span(
                IDS + ",'startTimeUnixNano':'1700000000000000001','endTimeUnixNano':'1700000000000000003','kind':'3'");
        Span number = span(
                IDS + ",'startTimeUnixNano':1700000000000000001,'endTimeUnixNano':1.700000000000000003e18,'kind':3");

        assertThat(text.startEpochNanos()).isEqualTo(1_700_000_000_000_000_001L);
        assertThat(text.endEpochNanos()).isEqualTo(1_700_000_000_000_000_003L);
        assertThat(number).isEqualTo(text);
    }

    @Test
    void enumsAreNumberOrName() throws Exception {
        assertThat(span(IDS + ",'kind':2").kind()).isEqualTo(Span.Kind.SERVER);
        assertThat(span(IDS + ",'kind':'SPAN_KIND_CONSUMER'").kind()).isEqualTo(Span.Kind.CONSUMER);
        assertThat(span(IDS + ",'kind':99").kind()).isEqualTo(Span.Kind.UNSPECIFIED);
        assertThat(span(IDS + ",'status':{'code':2}").error()).isTrue();
        assertThat(span(IDS + ",'status':{'message':'m','code':'STATUS_CODE_ERROR'}")
                        .error())
                .isTrue();
        assertThat(span(IDS + ",'status':{'code':1}").error()).isFalse();
        assertThat(span(IDS + ",'status':{}").error()).isFalse();
    }

    @Test
    void theParentIsRemoteWhenBothFlagBitsSaySo() throws Exception {
        assertThat(span(IDS + ",'flags':768").parentRemote()).isTrue();
        assertThat(span(IDS + ",'flags':'769'").parentRemote()).isTrue();
        assertThat(span(IDS + ",'flags':257").parentRemote()).isFalse();
        assertThat(span(IDS + ",'flags':512").parentRemote()).isFalse();
        assertThat(span(IDS).parentRemote()).isFalse();
    }

    @Test
    void snakeCaseIsUnderstood() throws Exception {
        List<Span> spans = new ArrayList<>();
        read(
                "{'resource_spans':[{'scope_spans':[{'spans':[{'trace_id':'5b8efff798038103d269b633813fc60c',"
                        + "'span_id':'eee19b7ec3c1b174','parent_span_id':'01','start_time_unix_nano':'5',"
                        + "'end_time_unix_nano':'7','attributes':[{'key':'gen_ai.request.model','value':"
                        + "{'string_value':'m'}},{'key':'gen_ai.usage.input_tokens','value':{'int_value':3}},"
                        + "{'key':'scepsy.call.backoff_seconds','value':{'double_value':0.25}}]}]}]}]}",
                spans);

        assertThat(spans).singleElement().satisfies(span -> {
            assertThat(span.parentSpanId()).isEqualTo(1);
            assertThat(span.endEpochNanos()).isEqualTo(7);
            assertThat(span.genAi().model()).isEqualTo("m");
            assertThat(span.genAi().inputTokens()).hasValue(3);
            assertThat(span.genAi().backoffNanos()).isEqualTo(250_000_000);
        });
    }

    @Test
    void everyKindOfValueIsLegalAndTheOnesReadAreKept() throws Exception {
        GenAi genAi = genAi(attribute("a.list", "'arrayValue':{'values':[{'stringValue':'x'},{'intValue':'1'}]}")
                + ","
                + attribute("a.map", "'kvlistValue':{'values':[{'key':'k','value':{'boolValue':true}}]}")
                + "," + attribute("gen_ai.response.finish_reasons", "'arrayValue':{'values':[{'stringValue':'stop'}]}")
                + "," + attribute("a.bytes", "'bytesValue':'AQI='")
                + "," + attribute("gen_ai.agent.name", "'arrayValue':{'values':[]}")
                + ",{'key':'empty','value':{}},{'key':'none'},{'key':'null','value':null}"
                + "," + attribute("gen_ai.operation.name", "'stringValue':'chat'")
                + ",{'value':{'stringValue':'m'},'key':'gen_ai.response.model'}"
                + "," + attribute("gen_ai.usage.completion_tokens", "'intValue':'17'")
                + "," + attribute("gen_ai.usage.prompt_tokens", "'doubleValue':12.0")
                + "," + attribute("scepsy.workflow.execution.id", "'stringValue':'00000000000000AB'"));

        assertThat(genAi)
                .isEqualTo(GenAi.builder()
                        .operation(Operation.MODEL)
                        .model("m")
                        .inputTokens(12)
                        .outputTokens(17)
                        .executionId(0xab)
                        .build());
    }

    @Test
    void newerNamesComeBeforeOlderOnesAndTheRequestsModelBeforeTheResponses() throws Exception {
        GenAi genAi = genAi(attribute("gen_ai.usage.prompt_tokens", "'intValue':1")
                + "," + attribute("gen_ai.usage.input_tokens", "'intValue':2")
                + "," + attribute("gen_ai.usage.output_tokens", "'stringValue':'3'")
                + "," + attribute("gen_ai.usage.completion_tokens", "'intValue':4")
                + "," + attribute("gen_ai.request.model", "'stringValue':'asked'")
                + "," + attribute("gen_ai.response.model", "'stringValue':'answered'"));

        assertThat(genAi.inputTokens()).hasValue(2);
        assertThat(genAi.outputTokens()).hasValue(3);
        assertThat(genAi.model()).isEqualTo("asked");
    }

    @Test
    void backOffIsTheDecimalAsWritten() throws Exception {
        assertThat(genAi(attribute("scepsy.call.backoff_seconds", "'doubleValue':0.3"))
                        .backoffNanos())
                .isEqualTo(300_000_000);
        assertThat(genAi(attribute("scepsy.call.backoff_seconds", "'doubleValue':1.000000001"))
                        .backoffNanos())
                .isEqualTo(1_000_000_001);
        assertThat(genAi(attribute("scepsy.call.backoff_seconds", "'intValue':'2'"))
                        .backoffNanos())
                .isEqualTo(2_000_000_000);
        assertThat(genAi(attribute("scepsy.call.backoff_seconds", "'doubleValue':-1"))
                        .backoffNanos())
                .isZero();
        assertThat(genAi(attribute("scepsy.call.backoff_seconds", "'doubleValue':'NaN'"))
                        .backoffNanos())
                .isZero();
    }

    @Test
    void anExecutionNamedByNoHexIsOneExecutionStill() throws Exception {
        long first = genAi(attribute("scepsy.workflow.execution.id", "'stringValue':'run-1'"))
                .executionId();

        assertThat(first).isNotEqualTo(SpanId.NONE);
        assertThat(genAi(attribute("scepsy.workflow.execution.id", "'stringValue':'run-1'"))
                        .executionId())
                .isEqualTo(first);
        assertThat(genAi(attribute("scepsy.workflow.execution.id", "'stringValue':'run-2'"))
                        .executionId())
                .isNotEqualTo(first);
    }

    @Test
    void aWrappedAnswerAsJaegersIsRead() throws Exception {
        List<Span> spans = new ArrayList<>();
        read("{'result':{'resourceSpans':[{'scopeSpans':[{'spans':[{" + IDS + "}]}]}]}}", spans);
        assertThat(spans).hasSize(1);
    }

    @Test
    void olderScopesAreRead() throws Exception {
        List<Span> spans = new ArrayList<>();
        read("{'resourceSpans':[{'instrumentationLibrarySpans':[{'spans':[{" + IDS + "}]}]}]}", spans);
        assertThat(spans).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'resourceSpans':[]}", "{'resourceSpans':null}", "{'resourceSpans':[{}]}"})
    void requestsWithoutSpansAreLegal(String request) throws Exception {
        List<Span> spans = new ArrayList<>();
        assertThat(read(request, spans)).isEqualTo(OtlpJson.Signal.TRACES);
        assertThat(spans).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'resourceMetrics':[{'a':1}]}", "{'resource_logs':[]}", "{'resourceLogs':[],'x':{}}"})
    void metricsAndLogsAreOtherSignals(String request) throws Exception {
        assertThat(read(request, new ArrayList<>())).isEqualTo(OtlpJson.Signal.OTHER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[5]",
                "5",
                "'text'",
                "{'some':'thing'}",
                "{'resourceSpans':[",
                "{'resourceSpans':{}}",
                "{'resourceSpans':[5]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':{}}]}]}",
                "{'resourceSpans':[]}{}",
                "{'resourceSpans':[]} x",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'spanId':'01'}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01'}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'00'}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'zz','spanId':'01'}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':7,'spanId':'01'}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'01','startTimeUnixNano':'x'}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'01','endTimeUnixNano':0.5}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'01','endTimeUnixNano':{}}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'01','attributes':{}}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'01','attributes':[1]}]}]}]}",
                "{'resourceSpans':[{'scopeSpans':[{'spans':[{'traceId':'01','spanId':'01'},{}]}]}]}"
            })
    void malformedRequestsAreRefusedWhole(String request) {
        List<Span> spans = new ArrayList<>();
        assertThatThrownBy(() -> read(request, spans)).isInstanceOf(MalformedOtlpException.class);
        assertThat(spans).isEmpty();
    }

    private OtlpJson.Signal read(String singleQuoted, List<Span> spans) throws MalformedOtlpException {
        byte[] bytes = singleQuoted.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return json.read(bytes, 0, bytes.length, spans::add);
    }

    private Span span(String fields) throws MalformedOtlpException {
        List<Span> spans = new ArrayList<>();
        read("{'resourceSpans':[{'scopeSpans':[{'spans':[{" + fields + "}]}]}]}", spans);
        assertThat(spans).hasSize(1);
        return spans.get(0);
    }

    private GenAi genAi(String attributes) throws MalformedOtlpException {
        return span(IDS + ",'attributes':[" + attributes + "]").genAi();
    }

    private static String attribute(String key, String value) {
        return "{'key':'" + key + "','value':{" + value + "}}";
    }
}
