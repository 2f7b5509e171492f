package dev.scepsy.planner.router;

/** The parts of envoy.yaml, with places for what differs. */
final class EnvoyText {

    /** Port of what anybody may do with it, admin port. */
    static final String ADMIN = """
                - name: state
                  address: {socket_address: {address: 0.0.0.0, port_value: %d}}
                  filter_chains:
                    - filters:
                        - name: envoy.filters.network.http_connection_manager
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                            stat_prefix: state
                            http_filters:
                              - name: envoy.filters.http.router
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                            route_config:
                              name: state
                              virtual_hosts:
                                - name: state
                                  domains: ["*"]
                                  routes:
                                    - match: {path: /ready}
                                      route: {cluster: _admin}
                                    - match: {path: /metrics}
                                      route: {cluster: _admin, prefix_rewrite: /stats/prometheus}
              clusters:
                - name: _admin
                  type: STATIC
                  load_assignment:
                    cluster_name: _admin
                    endpoints:
                      - lb_endpoints:
                          - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
            """;

    /** Admin port, most connections, port, most bytes of a body, the list of models as a JSON string. */
    static final String HEAD = """
            # Written by scepsy: changes are lost at the next push.
            admin:
              address: {socket_address: {address: 127.0.0.1, port_value: %d}}
            overload_manager:
              resource_monitors:
                - name: envoy.resource_monitors.global_downstream_max_connections
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
                    max_active_downstream_connections: %d
            static_resources:
              listeners:
                - name: models
                  address: {socket_address: {address: 0.0.0.0, port_value: %d}}
                  # a whole body is read for its model, and kept until the answer begins
                  per_connection_buffer_limit_bytes: %d
                  filter_chains:
                    - filters:
                        - name: envoy.filters.network.http_connection_manager
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                            stat_prefix: models
                            stream_idle_timeout: 14400s
                            request_timeout: 60s
                            drain_timeout: 10s
                            common_http_protocol_options: {idle_timeout: 1260s}
                            strip_any_host_port: true
                            local_reply_config:
                              mappers:
                                - filter: {status_code_filter: {comparison: {op: EQ, value: {default_value: 413, runtime_key: scepsy.too_long}}}}
                                  body_format_override: {json_format: {error: {message: The request body is longer than the router takes (maxRequestKiB)., type: BadRequestError, code: 413}}}
                                - filter: {status_code_filter: {comparison: {op: EQ, value: {default_value: 503, runtime_key: scepsy.no_engine}}}}
                                  body_format_override: {json_format: {error: {message: "No engine of the model is ready, or it ended without an answer.", type: ServiceUnavailableError, code: 503}}}
                            http_filters:
                              - name: envoy.filters.http.json_to_metadata
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata
                                  request_rules:
                                    allow_empty_content_type: true
                                    rules:
                                      - selectors: [{key: model}]
                                        on_present: {metadata_namespace: scepsy, key: model}
                              - name: envoy.filters.http.router
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                            route_config:
                              name: models
                              virtual_hosts:
                                - name: models
                                  domains: ["*"]
                                  routes:
                                    - match: {path: /v1/models, headers: [{name: ":method", string_match: {exact: GET}}]}
                                      response_headers_to_add: [{header: {key: content-type, value: application/json}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]
                                      direct_response: {status: 200, body: {inline_string: %s}}
            """;

    /** A name as a JSON string, {@link #ROUTE}. */
    static final String BY_NAME = """
                                    - match: {prefix: /, dynamic_metadata: [{filter: scepsy, path: [{key: model}], value: {string_match: {exact: %s}}}]}
            %s""";

    /** A name of a Service, {@link #ROUTE}. */
    static final String BY_HOST = """
                                    - match: {prefix: /, headers: [{name: ":authority", string_match: {safe_regex: {regex: "%s([.].*)?"}}}]}
            %s""";

    /** A cluster's name. Once more, on another engine, where no byte of an answer came. */
    static final String ROUTE = """
                                      route:
                                        cluster: %s
                                        timeout: 0s
                                        retry_policy:
                                          retry_on: connect-failure,refused-stream,reset
                                          num_retries: 1
                                          host_selection_retry_max_attempts: 20
                                          retry_host_predicate:
                                            - name: envoy.retry_host_predicates.previous_hosts
                                              typed_config: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}
            """;

    static final String UNKNOWN = """
                                    - match: {prefix: /, dynamic_metadata: [{filter: scepsy, path: [{key: model}], value: {present_match: true}}]}
                                      response_headers_to_add: [{header: {key: content-type, value: application/json}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]
                                      direct_response: {status: 404, body: {inline_string: '{"error":{"message":"The model does not exist.","type":"NotFoundError","param":"model","code":404}}'}}
            """;

    static final String UNNAMED = """
                                    - match: {path: /health}
                                      direct_response: {status: 200}
                                    - match: {prefix: /}
                                      response_headers_to_add: [{header: {key: content-type, value: application/json}, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]
                                      direct_response: {status: 404, body: {inline_string: '{"error":{"message":"Which model is meant? Name it in the JSON body, or use the host name of its Service.","type":"NotFoundError","param":"model","code":404}}'}}
            """;

    /** A name twice, the DNS name of its engines, their port. */
    static final String CLUSTER = """
                - name: %s
                  connect_timeout: 2s
                  cluster_type:
                    name: envoy.clusters.dns
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster
                      dns_refresh_rate: 1s
                      dns_failure_refresh_rate: {base_interval: 1s, max_interval: 1s}
                      all_addresses_in_single_endpoint: false
                  load_balancing_policy:
                    policies:
                      - typed_extension_config:
                          name: envoy.load_balancing_policies.least_request
                          typed_config:
                            "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest
                            # not all of them: the second try would find the engine that has just died, with no request, again
                            choice_count: 2
                  common_lb_config: {healthy_panic_threshold: {value: 0}}
                  health_checks:
                    - timeout: 5s
                      interval: 1s
                      no_traffic_interval: 1s
                      unhealthy_interval: 0.5s
                      unhealthy_threshold: 2
                      healthy_threshold: 1
                      http_health_check: {path: /health}
                  circuit_breakers: {thresholds: [{max_connections: 100000, max_pending_requests: 100000, max_requests: 100000, max_retries: 100000}]}
                  load_assignment:
                    cluster_name: %s
                    endpoints:
                      - lb_endpoints:
                          - endpoint: {address: {socket_address: {address: %s, port_value: %d}}}
            """;

    private EnvoyText() {}
}
