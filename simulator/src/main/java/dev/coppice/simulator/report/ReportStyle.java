package dev.coppice.simulator.report;

/** How the report looks. */
final class ReportStyle {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title} · Coppice</title>
            <style>
            :root { color-scheme: light dark;
              --page: #f5f6f2; --card: #ffffff; --ink: #1d2a22; --muted: #66736b; --rule: #e2e7e0;
              --grey: #9aa59d; --pack: #3b8f57; --personal: #2368a8; --privacy: #7a4fb5; --warn: #c2502e;
              --step0: #d9a441; --step1: #cc7a3b; --step2: #b4533a; --step3: #8d3146; --step4: #5c2352; }
            @media (prefers-color-scheme: dark) { :root {
              --page: #121714; --card: #1b221e; --ink: #e6ece7; --muted: #98a59d; --rule: #2d3731;
              --grey: #78857d; --pack: #63c184; --personal: #6cb0ee; --privacy: #b394e8; --warn: #ee8460;
              --step0: #e3b75e; --step1: #dc9358; --step2: #cf7259; --step3: #c0607a; --step4: #a2639c; } }
            * { box-sizing: border-box; }
            body { margin: 0; background: var(--page); color: var(--ink);
              font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
            main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 48px; }
            .brand { margin: 0; color: var(--pack); font-weight: 600; letter-spacing: .04em; }
            h1 { margin: 0 0 8px; font-size: 28px; line-height: 1.25; }
            h2 { margin: 0 0 8px; font-size: 17px; }
            header p { margin: 4px 0; max-width: 76ch; }
            .verdict { font-size: 18px; font-weight: 600; }
            .good { color: var(--pack); } .bad { color: var(--warn); }
            header .note { margin: 14px 0; padding: 10px 14px; border-left: 3px solid var(--personal);
              background: var(--card); border-radius: 0 6px 6px 0; }
            .steps, .charts, .facts { display: grid; gap: 16px; margin: 16px 0; }
            .steps { grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); }
            .charts, .facts { grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); }
            .step, figure, .facts > div { margin: 0; padding: 16px 18px; background: var(--card);
              border: 1px solid var(--rule); border-radius: 10px; min-width: 0; overflow-x: auto; }
            .step strong { display: block; font-size: 36px; line-height: 1.2; font-variant-numeric: tabular-nums; }
            .step small, figcaption, .facts p, .legend { color: var(--muted); font-size: 14px; }
            .key { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 7px; }
            .legend { margin: 0; } .legend span { white-space: nowrap; margin-right: 12px; }
            .key.grey { background: var(--grey); } .key.pack { background: var(--pack); }
            .key.personal { background: var(--personal); }
            .key.step0 { background: var(--step0); } .key.step1 { background: var(--step1); }
            .key.step2 { background: var(--step2); } .key.step3 { background: var(--step3); }
            .key.step4 { background: var(--step4); }
            .facts { align-items: start; }
            svg { display: block; width: 100%; height: auto; }
            .grid { stroke: var(--rule); } .zero { stroke: var(--muted); }
            .dashed { stroke: var(--grey); stroke-dasharray: 5 4; stroke-width: 1.5; }
            .budget { stroke: var(--warn); stroke-dasharray: 5 4; stroke-width: 1.5; }
            .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; }
            .band { stroke: none; opacity: .2; } .band.accuracy { fill: var(--pack); }
            .band.loss { fill: var(--personal); } .band.privacy { fill: var(--privacy); }
            .line.accuracy { stroke: var(--pack); } .dot.accuracy { fill: var(--pack); }
            .line.loss { stroke: var(--personal); } .dot.loss { fill: var(--personal); }
            .line.privacy { stroke: var(--privacy); } .dot.privacy { fill: var(--privacy); }
            .bar.pack { fill: var(--pack); } .bar.personal { fill: var(--personal); } .bar.worse { fill: var(--warn); }
            .bar.same { fill: var(--grey); }
            .bar.step0 { fill: var(--step0); } .bar.step1 { fill: var(--step1); }
            .bar.step2 { fill: var(--step2); } .bar.step3 { fill: var(--step3); }
            .bar.step4 { fill: var(--step4); }
            .tick { fill: var(--muted); font-size: 12px; } .tick.end { text-anchor: end; }
            .tick.middle { text-anchor: middle; } .tick.bad { fill: var(--warn); }
            .empty { font-size: 28px; color: var(--muted); text-align: center; padding: 60px 0; margin: 0; }
            @media (max-width: 520px) { .tick { font-size: 16px; } }
            table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 15px; }
            th, td { padding: 5px 6px; text-align: right; border-bottom: 1px solid var(--rule); }
            th { color: var(--muted); font-weight: 500; }
            th:first-child, td:first-child { text-align: left; }
            .rounds td { white-space: nowrap; }
            code { font-size: 13px; overflow-wrap: anywhere; }
            </style></head><body>""";

    private ReportStyle() {}

    static String head(String title) {
        return HEAD.replace("{title}", Html.escape(title));
    }
}
