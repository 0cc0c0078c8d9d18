package dev.coppice.simulator.report;

/** Words that may hold anything, made safe inside a page. */
final class Html {
    private Html() {}

    static String escape(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
