package dev.coppice.aggregator.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.button;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.link;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.script;
import static j2html.TagCreator.title;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import j2html.tags.DomContent;
import j2html.tags.specialized.BodyTag;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The frame of all pages. Texts are escaped by the builder of the tags. */
final class Page {
    /** Scripts and styles are ours and in files of their own, so nothing that a name smuggles in can run. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /** No styles written into the page and no code out of text: the policy would refuse both. */
    private static final String HTMX =
            "{\"includeIndicatorStyles\":false,\"allowEval\":false,\"allowScriptTags\":false,\"selfRequestsOnly\":true}";

    /** One place in the menu. */
    private record Place(String path, String name) {}

    private static final List<Place> MENU = List.of(
            new Place("", "Overview"),
            new Place("/tasks", "Tasks"),
            new Place("/fleet", "Fleet"),
            new Place("/privacy", "Privacy"),
            new Place("/packs", "Packs"),
            new Place("/audit", "Audit log"));

    private Page() {}

    /** A page for who is logged in. Its pieces are told when something changed. */
    static HttpResponse<String> of(String name, String heading, @Nullable DomContent... content) {
        return shown(
                HttpStatus.OK,
                heading,
                body(
                                a("Skip to content").withHref("#main").withClass("skip"),
                                header(
                                        nav(each(MENU, place -> menu(place, name)))
                                                .attr("aria-label", "Pages"),
                                        form(button("Log out").withType("submit"))
                                                .withMethod("post")
                                                .withAction("/console/logout")),
                                content(heading, content))
                        .attr("hx-ext", "sse")
                        .attr("sse-connect", "/console/events"));
    }

    /** A page for anybody. */
    static HttpResponse<String> bare(HttpStatus status, String heading, @Nullable DomContent... content) {
        return shown(status, heading, body(content(heading, content)));
    }

    private static DomContent content(String heading, @Nullable DomContent... content) {
        return main(h1(heading), all(content)).withId("main");
    }

    /** A piece of a page that replaces itself. */
    static HttpResponse<String> fragment(DomContent content) {
        return guarded(HttpResponse.ok(content.render()));
    }

    /** What is left out by a condition is null. */
    private static DomContent all(@Nullable DomContent... content) {
        return each(Arrays.stream(content).filter(Objects::nonNull));
    }

    private static DomContent menu(Place place, String current) {
        return a(place.name())
                .withHref("/console" + place.path())
                .condAttr(place.name().equals(current), "aria-current", "page");
    }

    private static HttpResponse<String> shown(HttpStatus status, String heading, BodyTag body) {
        String page = document(html(
                        head(
                                meta().withCharset("utf-8"),
                                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                                meta().withName("color-scheme").withContent("light dark"),
                                meta().withName("htmx-config").withContent(HTMX),
                                title(heading + " – Coppice"),
                                link().withRel("icon").withHref("data:,"),
                                link().withRel("stylesheet").withHref("/console/assets/console.css"),
                                asset("htmx.js"),
                                asset("sse.js"),
                                asset("echarts.js"),
                                asset("console.js")),
                        body)
                .withLang("en"));
        return guarded(HttpResponse.<String>status(status).body(page));
    }

    private static DomContent asset(String name) {
        return script().withSrc("/console/assets/" + name).isDefer();
    }

    private static HttpResponse<String> guarded(MutableHttpResponse<String> response) {
        return response.contentType(MediaType.of("text/html; charset=utf-8"))
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "same-origin")
                .header("Cache-Control", "no-store");
    }
}
