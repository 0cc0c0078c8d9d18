// Draws what the server put into data-chart, and draws it again where a piece of the page was replaced.
(function () {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function options(chart) {
    const ink = getComputedStyle(document.body).color;
    return {
      animation: false,
      color: ["#2f9e63", "#d9822b", "#3b7dd8", "#b0559b", "#8a8f2d", "#6b7280"],
      textStyle: { color: ink },
      grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
      legend: { textStyle: { color: ink } },
      // Rich text draws on the canvas: the policy of the page allows no styles in text.
      tooltip: { trigger: "axis", renderMode: "richText" },
      xAxis: { type: "category", name: chart.axis, data: chart.points },
      yAxis: { type: "value", splitLine: { lineStyle: { opacity: 0.25 } } },
      series: chart.series.map(function (s) {
        return { name: s.name, type: chart.kind, data: s.values, symbolSize: 6 };
      }),
    };
  }

  function draw(root) {
    root.querySelectorAll("[data-chart]").forEach(function (box) {
      const known = echarts.getInstanceByDom(box);
      (known || echarts.init(box)).setOption(options(JSON.parse(box.dataset.chart)), true);
    });
  }

  function all() { draw(document); }

  document.addEventListener("htmx:afterSwap", function (event) { draw(event.target); });
  window.addEventListener("resize", function () {
    document.querySelectorAll("[data-chart]").forEach(function (box) {
      const known = echarts.getInstanceByDom(box);
      if (known) { known.resize(); }
    });
  });
  dark.addEventListener("change", all);
  document.addEventListener("submit", function (event) {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); }
  });
  all();
})();
