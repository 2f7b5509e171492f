package dev.scepsy.spring.assistant;

import dev.langchain4j.agent.tool.Tool;
import org.springframework.stereotype.Component;

/** A tool of the services. */
@Component
class Weather {

    @Tool
    String weather(String city) {
        return "rain in " + city;
    }
}
