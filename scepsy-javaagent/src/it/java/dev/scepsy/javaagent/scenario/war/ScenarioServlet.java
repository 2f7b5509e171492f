package dev.scepsy.javaagent.scenario.war;

import dev.scepsy.javaagent.scenario.Main;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Runs the scenario when asked to, with the arguments of the request. */
public final class ScenarioServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        try {
            Main.run(List.of(request.getParameterValues("a")), System.out, System.in);
        } catch (ExecutionException failure) {
            throw new ServletException(failure);
        } catch (InterruptedException failure) {
            Thread.currentThread().interrupt();
            throw new ServletException(failure);
        }
    }
}
