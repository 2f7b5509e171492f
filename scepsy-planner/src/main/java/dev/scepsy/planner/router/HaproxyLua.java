package dev.scepsy.planner.router;

/** What HAProxy's own language cannot say: which model a body of any size and shape names, waiting for an engine, refusing late. */
final class HaproxyLua {

    static final String SCRIPT = """
            -- What haproxy.cfg asks of Lua: which model a request names, waiting for an engine of it, refusing long bodies.

            local LONGEST_WAIT_MS, LOOK_MS = 60000, 100
            local MOST_SWALLOWED = 64 * 1024 * 1024
            local TOO_LONG = '{"error":{"message":"The request body is longer than the router takes (maxRequestKiB).",'
                .. '"type":"BadRequestError","param":null,"code":413}}'
            local ESCAPES = { b = "\\b", f = "\\f", n = "\\n", r = "\\r", t = "\\t" }

            -- The position after the string that begins at `at`; nil where it has no end.
            local function after_string(text, at)
                at = at + 1
                while true do
                    local found = text:find('["\\\\]', at)
                    if found == nil then return nil end
                    if text:byte(found) == 34 then return found + 1 end
                    at = found + 2
                end
            end

            local function unescaped(raw)
                local parts, at = {}, 1
                while true do
                    local found = raw:find("\\\\", at, true)
                    if found == nil then
                        parts[#parts + 1] = raw:sub(at)
                        return table.concat(parts)
                    end
                    parts[#parts + 1] = raw:sub(at, found - 1)
                    local char = raw:sub(found + 1, found + 1)
                    at = found + 2
                    if char == "u" then
                        local code = tonumber(raw:sub(at, at + 3), 16) or 0xFFFD
                        at = at + 4
                        local low = tonumber(raw:match("^\\\\u([dD][c-fC-F]%x%x)", at) or "", 16)
                        if code >= 0xD800 and code < 0xDC00 and low ~= nil then
                            code = 0x10000 + (code - 0xD800) * 0x400 + low - 0xDC00
                            at = at + 6
                        end
                        parts[#parts + 1] = utf8.char(code)
                    else
                        parts[#parts + 1] = ESCAPES[char] or char
                    end
                end
            end

            -- The string that the top-level key "model" of a JSON object has; nil where there is none.
            local function model_of(text)
                local at = text:match("^%s*{()")
                local depth = 1
                while at ~= nil do
                    local found = text:find('["{}%[%]]', at)
                    if found == nil then return nil end
                    local char = text:byte(found)
                    if char == 34 then
                        local past = after_string(text, found)
                        if past == nil then return nil end
                        at = past
                        if depth == 1 then
                            local value = text:match("^%s*:%s*()", past)
                            if value ~= nil then
                                at = value
                                if unescaped(text:sub(found + 1, past - 2)) == "model" then
                                    if text:byte(value) ~= 34 then return nil end
                                    past = after_string(text, value)
                                    return past and unescaped(text:sub(value + 1, past - 2))
                                end
                            end
                        end
                    else
                        at = found + 1
                        depth = depth + ((char == 123 or char == 91) and 1 or -1)
                        if depth == 0 then return nil end
                    end
                end
                return nil
            end

            core.register_action("read_model", { "http-req" }, function(txn)
                local body = txn.f:req_body()
                local model = body and model_of(body)
                if model then
                    txn:set_var("txn.model", model)
                    -- as keys of models.map are written
                    txn:set_var("txn.key", (model:gsub("[^%w%-._~/:@]", function(char)
                        return string.format("%%%02X", char:byte())
                    end)))
                end
            end)

            core.register_action("await_engine", { "http-req" }, function(txn)
                local backend = txn:get_var("txn.backend")
                local waited = 0
                while txn.f:nbsrv(backend) == 0 and waited < LONGEST_WAIT_MS do
                    core.msleep(LOOK_MS)
                    waited = waited + LOOK_MS
                end
            end)

            -- Refuses a body that is too long once it has come: clients that are still sending would not read an answer.
            core.register_service("refuse_body", "http", function(applet)
                local left = MOST_SWALLOWED
                while left > 0 do
                    local part = applet:receive(65536)
                    if part == nil or #part == 0 then break end
                    left = left - #part
                end
                applet:set_status(413)
                applet:add_header("content-type", "application/json")
                applet:add_header("content-length", tostring(#TOO_LONG))
                if left <= 0 then applet:add_header("connection", "close") end
                applet:start_response()
                applet:send(TOO_LONG)
            end)
            """;

    private HaproxyLua() {}
}
