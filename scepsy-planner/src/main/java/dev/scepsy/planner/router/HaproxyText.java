package dev.scepsy.planner.router;

/** The parts of haproxy.cfg, with places for what differs. Why it is so, docs/decisions/2026-11-routing.md says. */
final class HaproxyText {

    /** Most connections of all, bytes of a buffer, seconds to finish, seconds to close connections, bytes of a DNS answer. */
    static final String GLOBAL = """
            # Written by scepsy: changes are lost at the next push.
            global
                default-path config
                log stdout format raw local0 notice
                nbthread 2
                maxconn %d
                # a whole request fits into one buffer: its model is read there, and it can be sent again
                tune.bufsize %d
                tune.maxrewrite 1024
                hard-stop-after %ds
                close-spread-time %ds
                lua-load router.lua

            resolvers cluster
                parse-resolv-conf
                accepted_payload_size %d
                resolve_retries 3
                timeout resolve 1s
                timeout retry 1s
                # engines come and go with the answers; a DNS server that is away or wrong takes none away
                hold valid 1s
                hold obsolete 0s
                hold nx 2s
                hold refused 1h
                hold timeout 1h
                hold other 1h

            defaults
                mode http
                log global
                option httplog
                option dontlognull
                option dontlog-normal
                # connections to engines are used again, but not idle ones that an engine (vLLM: 5 s) may close just when a request is sent
                option http-keep-alive
                option http-no-delay
                # a client that leaves frees its place in the engine
                option abortonclose
                # nodes that are switched off send no end of connection
                option srvtcpka
                srvtcpka-idle 15s
                srvtcpka-intvl 5s
                srvtcpka-cnt 3
                # once more, on another engine, where no byte of an answer came
                retries 1
                option redispatch 1
                timeout connect 2s
                timeout queue 60s
                timeout http-request 10s
                # longer than clients keep connections, so that they end them
                timeout http-keep-alive 21m
                timeout client 1h
                timeout server 4h
                timeout tunnel 1h
                timeout check 5s
                http-error status 400 content-type application/json string '{"error":{"message":"The request is no valid HTTP.","type":"BadRequestError","param":null,"code":400}}'
                http-error status 408 content-type application/json string '{"error":{"message":"The request did not arrive in time.","type":"RequestTimeoutError","param":null,"code":408}}'
                http-error status 500 content-type application/json string '{"error":{"message":"The router failed.","type":"InternalServerError","param":null,"code":500}}'
                http-error status 502 content-type application/json string '{"error":{"message":"The engine ended without an answer.","type":"BadGatewayError","param":null,"code":502}}'
                http-error status 503 content-type application/json string '{"error":{"message":"No engine of the model is ready.","type":"ServiceUnavailableError","param":null,"code":503}}'
                http-error status 504 content-type application/json string '{"error":{"message":"The engine gave no answer in time.","type":"GatewayTimeoutError","param":null,"code":504}}'
            """;

    /** Port, most connections, twice the most bytes of a body. */
    static final String FRONTEND = """

            frontend _models
                bind "${POD_IP}:%d"
                maxconn %d
                acl has_body method POST PUT PATCH
                http-request return status 200 content-type application/json file models.json if METH_GET { path /v1/models }
                http-request use-service lua.refuse_body if { req.hdr_val(content-length) gt %d }
                http-request wait-for-body time 60s if has_body
                http-request use-service lua.refuse_body if has_body { req.body_len gt %d }
                http-request lua.read_model if has_body
                http-request set-var(txn.backend) var(txn.key),map_str(models.map) if { var(txn.key) -m found }
                http-request return status 404 content-type application/json lf-string '{"error":{"message":"The model `%%[var(txn.model),json(utf8s)]` does not exist.","type":"NotFoundError","param":"model","code":404}}' if { var(txn.key) -m found } !{ var(txn.backend) -m found }
                http-request set-var(txn.backend) req.hdr(host),field(1,:),field(1,.),lower,map_str(services.map) if !{ var(txn.backend) -m found }
                http-request return status 200 if METH_GET { path /health } !{ var(txn.backend) -m found }
                http-request return status 404 content-type application/json string '{"error":{"message":"Which model is meant? Name it in the JSON body, or use the host name of its Service.","type":"NotFoundError","param":"model","code":404}}' if !{ var(txn.backend) -m found }
                http-request lua.await_engine
                use_backend %%[var(txn.backend)]
            """;

    /** Name, places, DNS name. */
    static final String BACKEND = """

            backend %s
                balance leastconn
                retry-on conn-failure empty-response
                option httpchk GET /health
                http-check expect status 200
                server-template engine %d %s resolvers cluster resolve-opts allow-dup-ip,ignore-weight resolve-prefer ipv4 init-addr none check inter 1s fastinter 500ms downinter 500ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down pool-purge-delay 1s
            """;

    /** Port, one line for each model. */
    static final String HEALTH = """

            frontend _health
                bind "${POD_IP}:%d"
                maxconn 100
                http-request return status 200 content-type text/plain string "ok" if { path /healthz }
            %s    http-request return status 200 content-type text/plain string "ready" if { path /readyz } { var(proc.known) -m found }
                http-request return status 503 content-type text/plain string "DNS has named no engine yet" if { path /readyz }
            .if feature(PROMEX)
                http-request use-service prometheus-exporter if { path /metrics }
            .endif
                stats enable
                stats uri /stats
                stats show-legends
            """;

    private HaproxyText() {}
}
