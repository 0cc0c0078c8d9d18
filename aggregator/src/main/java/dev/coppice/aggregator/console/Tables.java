package dev.coppice.aggregator.console;

import static j2html.TagCreator.caption;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.List;

/** Tables that scroll by themselves on a narrow screen, and say what they are to who cannot see them. */
final class Tables {
    private Tables() {}

    static DomContent of(String name, List<String> columns, List<List<DomContent>> rows, String ifEmpty) {
        if (rows.isEmpty()) {
            return p(ifEmpty).withClass("empty");
        }
        return div(table(
                        caption(name),
                        thead(tr(each(columns, column -> th(column).attr("scope", "col")))),
                        tbody(each(rows, row -> tr(each(row, cell -> td(cell)))))))
                .withClass("scrolls")
                .withTabindex(0)
                .attr("role", "region")
                .attr("aria-label", name);
    }
}
