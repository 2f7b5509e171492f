package dev.scepsy.planner.cluster;

/**
 * What a pod runs before it ends: it waits until the engine has been idle for two looks. Only a count of zero is idle; where
 * no count is published it waits until the grace period ends it, and only an engine that listens no more ends it early.
 */
final class DrainScript {

    private static final String SCRIPT = """
            import re, time, urllib.error, urllib.request
            GAUGES = re.compile(r'''%s''', re.M)
            def busy():
                why = 'no known count of requests in /metrics'
                for path in %s:
                    try:
                        text = urllib.request.urlopen('http://127.0.0.1:%d' + path, timeout=5).read().decode()
                        counts = [float(count) for count in GAUGES.findall(text)]
                        if counts:
                            return sum(counts), ''
                    except urllib.error.URLError as failed:
                        if isinstance(failed.reason, ConnectionRefusedError):
                            return 0, ''
                        why = str(failed)
                    except (OSError, ValueError) as failed:
                        why = str(failed)
                return None, why
            def say(text):
                try:
                    with open('/proc/1/fd/1', 'w') as log:
                        log.write('preStop: ' + text + chr(10))
                except OSError:
                    print(text)
            time.sleep(3)
            idle, said = 0, ''
            while idle < 2:
                requests, why = busy()
                if why and why != said:
                    said = why
                    say('whether requests are running is unknown (' + why + '); waiting for the grace period')
                idle = idle + 1 if requests == 0 else 0
                time.sleep(1)
            """;

    private DrainScript() {}

    static String of(int port) {
        String paths = "('" + String.join("', '", RequestGauges.PATHS) + "')";
        return SCRIPT.formatted(RequestGauges.PATTERN, paths, port);
    }
}
