//! The interfaces of Spin that guests import and export, as far as this runner offers them.

/// What a guest imports.
pub mod imports {
    wasmtime::component::bindgen!({
        inline: r#"
            package fermyon:spin@2.0.0;

            interface sqlite {
                resource connection {
                    open: static func(database: string) -> result<connection, error>;
                    execute: func(statement: string, parameters: list<value>) -> result<query-result, error>;
                }
                variant error {
                    no-such-database,
                    access-denied,
                    invalid-connection,
                    database-full,
                    io(string),
                }
                record query-result {
                    columns: list<string>,
                    rows: list<row-result>,
                }
                record row-result {
                    values: list<value>,
                }
                variant value {
                    integer(s64),
                    real(f64),
                    text(string),
                    blob(list<u8>),
                    null,
                }
            }

            interface key-value {
                resource store {
                    open: static func(label: string) -> result<store, error>;
                    get: func(key: string) -> result<option<list<u8>>, error>;
                    set: func(key: string, value: list<u8>) -> result<_, error>;
                    delete: func(key: string) -> result<_, error>;
                    exists: func(key: string) -> result<bool, error>;
                    get-keys: func() -> result<list<string>, error>;
                }
                variant error {
                    store-table-full,
                    no-such-store,
                    access-denied,
                    other(string),
                }
            }

            interface variables {
                get: func(name: string) -> result<string, error>;
                variant error {
                    invalid-name(string),
                    undefined(string),
                    provider(string),
                    other(string),
                }
            }

            interface redis {
                variant error {
                    invalid-address,
                    too-many-connections,
                    type-error,
                    other(string),
                }
                resource connection {
                    open: static func(address: string) -> result<connection, error>;
                    publish: func(channel: string, payload: payload) -> result<_, error>;
                    get: func(key: string) -> result<option<payload>, error>;
                    set: func(key: string, value: payload) -> result<_, error>;
                    incr: func(key: string) -> result<s64, error>;
                    del: func(keys: list<string>) -> result<u32, error>;
                    sadd: func(key: string, values: list<string>) -> result<u32, error>;
                    smembers: func(key: string) -> result<list<string>, error>;
                    srem: func(key: string, values: list<string>) -> result<u32, error>;
                    execute: func(command: string, arguments: list<redis-parameter>) -> result<list<redis-result>, error>;
                }
                type payload = list<u8>;
                variant redis-parameter {
                    int64(s64),
                    binary(payload),
                }
                variant redis-result {
                    nil,
                    status(string),
                    int64(s64),
                    binary(payload),
                }
            }

            interface llm {
                type inferencing-model = string;
                record inferencing-params {
                    max-tokens: u32,
                    repeat-penalty: f32,
                    repeat-penalty-last-n-token-count: u32,
                    temperature: f32,
                    top-k: u32,
                    top-p: f32,
                }
                variant error {
                    model-not-supported,
                    runtime-error(string),
                    invalid-input(string),
                }
                record inferencing-result {
                    text: string,
                    usage: inferencing-usage,
                }
                record inferencing-usage {
                    prompt-token-count: u32,
                    generated-token-count: u32,
                }
                infer: func(model: inferencing-model, prompt: string, params: option<inferencing-params>) -> result<inferencing-result, error>;
                type embedding-model = string;
                generate-embeddings: func(model: embedding-model, text: list<string>) -> result<embeddings-result, error>;
                record embeddings-result {
                    embeddings: list<list<f32>>,
                    usage: embeddings-usage,
                }
                record embeddings-usage {
                    prompt-token-count: u32,
                }
            }

            world guest {
                import llm;
                import sqlite;
                import key-value;
                import variables;
                import redis;
            }
        "#,
        imports: { default: async | trappable },
        with: {
            "fermyon:spin/sqlite.connection": crate::sqlite::Connection,
            "fermyon:spin/key-value.store": crate::key_value::Store,
            "fermyon:spin/redis.connection": crate::redis_client::Connection,
        },
    });
}

/// What a guest exports to be called with Redis messages.
pub mod redis_handler {
    wasmtime::component::bindgen!({
        inline: r#"
            package fermyon:spin;

            interface redis-types {
                enum error {
                    success,
                    error,
                }
                type payload = list<u8>;
            }

            interface inbound-redis {
                use redis-types.{payload, error};
                handle-message: func(message: payload) -> result<_, error>;
            }

            world redis-handler {
                export inbound-redis;
            }
        "#,
        exports: { default: async },
    });
}
