// Made by scripts/openapi-types/generate.mjs; not to be edited.
// SHA-256 of the document's paths and components: 0fcb4f2bf0ff2a9a6f5257c97e81a44b9724b0c9d5b0116296b18a5851474dc3

export interface paths {
    "/submit-task": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Submit a task */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Seconds to wait for its end, up to 60: `wait=10`. */
                    Prefer?: string;
                    /** @description Bare or quoted. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "type": "demo.echo",
                     *       "payload": {
                     *         "hello": "world"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Submission"];
                };
            };
            responses: {
                /** @description It is over already, or was submitted before with the same idempotency key. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description Accepted: kept, whatever happens. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The body is too large (`payload_too_large`). */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The body is not sent as JSON (`unsupported_media_type`). */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description `invalid_request`, `unknown_task_type`, `invalid_payload`, `idempotency_key_reused`, `query_too_broad`. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/submit-tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit many tasks
         * @description JSON: up to 1,000 tasks in one body; with `atomic=true` all of them are recorded or none. NDJSON: any number of lines, each a submission, answered line by line while they are sent; read the answers while you send, or the server stops reading. What is wrong with one submission is told of it alone. In bulk, idempotency keys are fields of the submissions.
         */
        post: {
            parameters: {
                query?: {
                    /** @description All or nothing; with a JSON body only. */
                    atomic?: "true" | "false";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "tasks": [
                     *         {
                     *           "type": "demo.echo",
                     *           "payload": {
                     *             "n": 1
                     *           }
                     *         },
                     *         {
                     *           "type": "demo.echo",
                     *           "payload": {
                     *             "n": 2
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BulkSubmission"];
                    "application/x-ndjson": components["schemas"]["Submission"];
                };
            };
            responses: {
                /** @description NDJSON: a line for each line that is not blank, in their order. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/x-ndjson": components["schemas"]["BulkItem"];
                    };
                };
                /** @description At least one task is accepted; with `atomic=true`, all. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkResult"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The body is too large (`payload_too_large`). */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The body is not sent as JSON (`unsupported_media_type`). */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Nothing is accepted: what became of each, or a problem with the request itself. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["BulkResult"];
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task, with its attempts */
        get: {
            parameters: {
                query?: {
                    /** @description Seconds to wait for its end. */
                    wait?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The task as it is; with `wait`, as soon as it is over or the time is up. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find tasks, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description May be repeated. */
                    state?: ("scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired")[];
                    type?: string;
                    queue?: string;
                    tag?: string;
                    errorCode?: string;
                    /** @description Inclusive. */
                    submittedAfter?: string;
                    /** @description Exclusive. */
                    submittedBefore?: string;
                    /** @description Inclusive. */
                    finishedAfter?: string;
                    /** @description Exclusive. */
                    finishedBefore?: string;
                    limit?: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                    /** @description Some of payload, result, with commas between. */
                    include?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description One page; payload and result are left out unless `include` asks for them. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TaskPage"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description `invalid_request`, `unknown_task_type`, `invalid_payload`, `idempotency_key_reused`, `query_too_broad`. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the handler wrote */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description One page, oldest line first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogPage"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens to a task, as it happens */
        get: {
            parameters: {
                query?: {
                    /** @description Some of payload, result, with commas between. */
                    include?: string;
                };
                header?: {
                    /** @description Goes on after the event that had this id. */
                    "Last-Event-ID"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Server-Sent Events. First the present `state`, with the task as data; then the lines of its log (`log`), its progress (`progress`, the bare value) and every new `state`. Several changes in short time may come as one, the newest. The stream ends after the state that ends the task. A comment comes every 15 s. `problem`: the stream ends early, and `data` is a problem document. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description Last-Event-ID is the end of the task: nothing more is to come. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happens to all tasks that a filter finds, as it happens */
        get: {
            parameters: {
                query?: {
                    /** @description May be repeated. */
                    state?: ("scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired")[];
                    type?: string;
                    queue?: string;
                    tag?: string;
                    errorCode?: string;
                    /** @description Inclusive. */
                    submittedAfter?: string;
                    /** @description Exclusive. */
                    submittedBefore?: string;
                    /** @description Inclusive. */
                    finishedAfter?: string;
                    /** @description Exclusive. */
                    finishedBefore?: string;
                    /** @description Some of payload, result, with commas between. */
                    include?: string;
                };
                header?: {
                    /** @description Goes on after the event that had this id. */
                    "Last-Event-ID"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Server-Sent Events, from now on or after Last-Event-ID: `state` with the task as data, `progress` with `{ taskId, progress, version }`. Told are changes after which the filter finds the task. After a break some may come twice, with the same `version`; none is left out. A comment comes every 15 s. `problem`: the stream ends early, and `data` is a problem document. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a task */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is cancelled, or was already. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description It is running, and has been asked to stop. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not legal in the state the task is in (`invalid_transition`). */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a finished task again */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is queued again. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not legal in the state the task is in (`invalid_transition`). */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a scheduled or retrying task due now */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is queued. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not legal in the state the task is in (`invalid_transition`). */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The mass actions, newest first */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    /** @description `nextCursor` of the page before. */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description One page. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OperationPage"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Cancel or retry all tasks that a filter finds */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Bare or quoted. */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    /**
                     * @example {
                     *       "action": "retry",
                     *       "filter": {
                     *         "state": [
                     *           "failed"
                     *         ],
                     *         "type": "http.request",
                     *         "finishedAfter": "2026-01-31T12:00:00Z"
                     *       },
                     *       "perSecond": 50
                     *     }
                     */
                    "application/json": components["schemas"]["OperationRequest"];
                };
            };
            responses: {
                /** @description With `dryRun`: what it would do. Without: it was started before with the same idempotency key. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OperationPreview"] | components["schemas"]["Operation"];
                    };
                };
                /** @description It goes on by itself, whatever is restarted. */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Operation"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The body is too large (`payload_too_large`). */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The body is not sent as JSON (`unsupported_media_type`). */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description `invalid_request`, `unknown_task_type`, `invalid_payload`, `idempotency_key_reused`, `query_too_broad`. */
                422: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A mass action, as far as it has come */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description As it is now. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Operation"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a mass action; what it has done stays done */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is stopped, or was over already. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Operation"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/task-types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The known task types, with their defaults */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description All of them. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TaskTypes"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The queues, with their tasks counted by state */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description All of them, by name. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Queues"];
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{name}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start nothing new from a queue; what runs goes on */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            paused: boolean;
                        };
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queues/{name}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a queue go on */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Done. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            name: string;
                            paused: boolean;
                        };
                    };
                };
                /** @description The query is wrong (`invalid_query`), or the body is not JSON (`invalid_json`). */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description No valid API key (`unauthorized`). */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description There is none (`task_not_found`, `operation_not_found`, `not_found`). */
                404: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description A fault of the server (`internal_error`). */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store did not answer (`store_unavailable`); see Retry-After. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It does. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ok";
                        };
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether submissions are kept now */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description They are; `degraded`: but the broker is away, or work waits and none of it is started. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Readiness"];
                    };
                };
                /** @description Not from where this comes (`forbidden`). */
                403: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description The store is away. */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Readiness"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Task: {
            /** Format: uuid */
            id: string;
            /** @example demo.echo */
            type: string;
            /** @example default */
            queue: string;
            /** @enum {string} */
            state: "scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired";
            /** @enum {string} */
            priority: "critical" | "high" | "normal" | "low" | "bulk";
            payload: unknown;
            result: unknown;
            error: components["schemas"]["TaskError"] | null;
            progress: unknown;
            /** @description Number of the latest attempt. */
            attempt: number;
            maxAttempts: number;
            tags: string[];
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            submittedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            runAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            startedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string | null;
            cancellation: components["schemas"]["Cancellation"] | null;
            version: number;
            attempts: components["schemas"]["Attempt"][];
        };
        TaskError: {
            /** @example handler_error */
            code: string;
            message: string;
        };
        Cancellation: {
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            requestedAt: string;
            /** @enum {string|null} */
            outcome: "acknowledged" | "ignored" | "too_late" | null;
        };
        Attempt: {
            number: number;
            /** @enum {string} */
            outcome: "running" | "completed" | "failed" | "timed_out" | "lost" | "cancelled" | "interrupted";
            /** @description Id of the worker that ran it: a new one at each start. */
            worker: string;
            /**
             * @description Host and process of that worker; null once it is forgotten.
             * @example host-7:4242
             */
            workerName: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            startedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
            error: components["schemas"]["TaskError"] | null;
        };
        Problem: {
            /** @enum {string} */
            type: "about:blank";
            title: string;
            status: number;
            detail: string;
            /**
             * @description Stable; meant for programs.
             * @example invalid_request
             */
            code: string;
            errors?: {
                detail: string;
                /**
                 * @description JSON Pointer into the body.
                 * @example #/delayMs
                 */
                pointer?: string;
                /** @description Name of a query parameter. */
                parameter?: string;
            }[];
            /** @description unknown_task_type: the known types. */
            known?: string[];
            /**
             * Format: uuid
             * @description idempotency_key_reused: the task of the other request.
             */
            taskId?: string;
            /**
             * Format: uuid
             * @description idempotency_key_reused: the mass action of it.
             */
            operationId?: string;
            /**
             * @description invalid_transition: the state of the task.
             * @enum {string}
             */
            state?: "scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired";
        };
        Submission: {
            /** @example demo.echo */
            type: string;
            /**
             * @description Fits the schema of the type.
             * @example {
             *       "hello": "world"
             *     }
             */
            payload: unknown;
            /** @enum {string} */
            priority?: "critical" | "high" | "normal" | "low" | "bulk";
            /** @description Not together with runAt. */
            delayMs?: number;
            /**
             * Format: date-time
             * @description A past moment means now.
             */
            runAt?: string;
            /**
             * Format: date-time
             * @description If it has not started by then, it ends expired.
             */
            expiresAt?: string;
            /** @description For one attempt. */
            timeoutMs?: number;
            retry?: components["schemas"]["RetryPolicy"];
            tags?: string[];
            /** @description Or the header Idempotency-Key. */
            idempotencyKey?: string;
        };
        /** @description Laid over the policy of the task type. */
        RetryPolicy: {
            maxAttempts?: number;
            backoff?: {
                /** @enum {string} */
                kind?: "fixed" | "linear" | "exponential";
                delayMs?: number;
                maxDelayMs?: number;
                jitter?: number;
            };
        };
        /** @description What became of one submission: its task, or why there is none. `index`: its place, from 0. */
        BulkItem: {
            index: number;
            task: components["schemas"]["TaskItem"];
        } | {
            index: number;
            problem: components["schemas"]["Problem"];
        };
        TaskItem: {
            /** Format: uuid */
            id: string;
            /** @example demo.echo */
            type: string;
            /** @example default */
            queue: string;
            /** @enum {string} */
            state: "scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired";
            /** @enum {string} */
            priority: "critical" | "high" | "normal" | "low" | "bulk";
            payload?: unknown;
            result?: unknown;
            error: components["schemas"]["TaskError"] | null;
            progress: unknown;
            /** @description Number of the latest attempt. */
            attempt: number;
            maxAttempts: number;
            tags: string[];
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            submittedAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            runAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            startedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            expiresAt: string | null;
            cancellation: components["schemas"]["Cancellation"] | null;
            version: number;
        };
        BulkResult: {
            accepted: number;
            rejected: number;
            items: components["schemas"]["BulkItem"][];
        };
        BulkSubmission: {
            tasks: components["schemas"]["Submission"][];
        };
        TaskPage: {
            items: components["schemas"]["TaskItem"][];
            /** @description Where the next page starts; null at the end. */
            nextCursor: string | null;
        };
        LogPage: {
            items: components["schemas"]["LogLine"][];
            /** @description Where the next page starts; null at the end. */
            nextCursor: string | null;
        };
        LogLine: {
            seq: number;
            attempt: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            at: string;
            message: string;
        };
        OperationPreview: {
            count: number;
            /** @description The newest of them, up to 10. */
            sample: components["schemas"]["TaskItem"][];
        };
        Operation: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            action: "cancel" | "retry";
            filter: components["schemas"]["OperationFilter"];
            /** @enum {string} */
            state: "running" | "completed" | "stopped";
            /** @description How many tasks there were to do when it began. */
            total: number;
            /** @description How many were cancelled, asked to stop, or queued again. */
            done: number;
            /** @description How many it found but could not do. */
            failed: number;
            /**
             * @description Why not, by the code that the same call for one task would give.
             * @example {
             *       "invalid_transition": 2
             *     }
             */
            failures: {
                [key: string]: number;
            };
            perSecond: number;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAt: string | null;
        };
        OperationFilter: {
            state?: ("scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired")[];
            type?: string;
            queue?: string;
            tag?: string;
            errorCode?: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            submittedAfter?: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            submittedBefore?: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedAfter?: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            finishedBefore?: string;
        };
        OperationRequest: {
            /** @enum {string} */
            action: "cancel" | "retry";
            /** @description As in a search. Of what it finds, only what the action can be done to is meant. */
            filter: {
                /** @description May be repeated. */
                state?: ("scheduled" | "queued" | "running" | "retrying" | "completed" | "failed" | "cancelled" | "expired")[];
                type?: string;
                queue?: string;
                tag?: string;
                errorCode?: string;
                /**
                 * Format: date-time
                 * @description Inclusive.
                 */
                submittedAfter?: string;
                /**
                 * Format: date-time
                 * @description Exclusive.
                 */
                submittedBefore?: string;
                /**
                 * Format: date-time
                 * @description Inclusive.
                 */
                finishedAfter?: string;
                /**
                 * Format: date-time
                 * @description Exclusive.
                 */
                finishedBefore?: string;
            };
            /** @description With an empty filter: every task is meant. */
            all?: boolean;
            /** @description Tell how many tasks are meant and some of them; do nothing. */
            dryRun?: boolean;
            /** @description The pace, tasks per second; 100 unless it is given. */
            perSecond?: number;
        };
        OperationPage: {
            items: components["schemas"]["Operation"][];
            /** @description Where the next page starts; null at the end. */
            nextCursor: string | null;
        };
        TaskTypes: {
            items: components["schemas"]["TaskType"][];
        };
        TaskType: {
            /** @example demo.echo */
            type: string;
            queue: string;
            description: string;
            /** @enum {string} */
            priority: "critical" | "high" | "normal" | "low" | "bulk";
            timeoutMs: number;
            retry: {
                maxAttempts: number;
                backoff: {
                    /** @enum {string} */
                    kind: "fixed" | "linear" | "exponential";
                    delayMs: number;
                    maxDelayMs: number;
                    jitter: number;
                };
            };
            /** @description JSON Schema of the payload; null where the schema library cannot tell it. */
            payloadSchema: {
                [key: string]: unknown;
            } | null;
        };
        Queues: {
            items: components["schemas"]["Queue"][];
        };
        Queue: {
            /** @example default */
            name: string;
            paused: boolean;
            counts: {
                scheduled: number;
                queued: number;
                running: number;
                retrying: number;
                completed: number;
                failed: number;
                cancelled: number;
                expired: number;
            };
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            oldestQueuedAt: string | null;
            /** @description How long the oldest queued task has waited. */
            oldestQueuedMs: number | null;
            /** @description Live workers that consume it. */
            consumers: number;
        };
        Readiness: {
            /** @enum {string} */
            status: "ok" | "degraded" | "unavailable";
            checks: {
                [key: string]: "ok" | "unavailable";
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
