// SPDX-License-Identifier: Apache-2.0
// Draws the chart from the table beside it, so that both hold the same numbers. Without this script the page does the rest.
(() => {
  'use strict';
  const BARS = 15; // as UsageTable.BARS
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let chart = null;
  let watcher = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /** The table's rows: keys, and one list of numbers for each column that is drawn. */
  function read(table) {
    const columns = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    return {
      keys: rows.map((row) => row.cells[0].textContent.trim()),
      series: columns
        .map((column, index) => ({ name: column.dataset.series, index }))
        .filter((column) => column.name)
        .map(({ name, index }) => ({ name, data: rows.map((row) => Number(row.cells[index].dataset.value)) })),
    };
  }

  /** Days between the first and the last; one without a row is a gap, not a zero. */
  function everyDay({ keys, series }) {
    const at = new Map(keys.map((day, index) => [day, index]));
    const sorted = [...keys].sort();
    const days = [];
    for (let day = new Date(sorted[0]); ; day.setUTCDate(day.getUTCDate() + 1)) {
      const name = day.toISOString().slice(0, 10);
      days.push(name);
      if (name >= sorted[sorted.length - 1]) break;
    }
    return {
      keys: days,
      series: series.map(({ name, data }) => ({ name, data: days.map((day) => (at.has(day) ? data[at.get(day)] : null)) })),
    };
  }

  function option(kind, { keys, series }) {
    const bars = kind === 'bar';
    const text = colour('--muted');
    const names = {
      type: 'category',
      data: keys,
      inverse: bars,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('--line') } },
      axisLabel: { color: colour('--text'), fontSize: 13, ...(bars ? { width: Math.min(200, innerWidth / 4), overflow: 'truncate' } : { hideOverlap: true }) },
    };
    const numbers = {
      type: 'value',
      minInterval: 1,
      axisLabel: { color: text, hideOverlap: true },
      splitLine: { lineStyle: { color: colour('--line') } },
    };
    const colours = [colour('--unchanged'), colour('--redacted'), colour('--stopped')];
    return {
      animation: !calm.matches,
      animationDuration: 250,
      color: colours,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      aria: { enabled: false }, // the element's label says what it is, the table says the rest
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 10, icon: 'roundRect', textStyle: { color: colour('--text'), fontSize: 13 } },
      grid: { left: 4, right: 28, top: 36, bottom: 4, containLabel: true },
      tooltip: {
        trigger: 'axis',
        renderMode: 'richText', // the other mode writes style attributes, which the content security policy refuses
        confine: true,
        axisPointer: { type: bars ? 'shadow' : 'line' },
        backgroundColor: colour('--card'),
        borderColor: colour('--line'),
        textStyle: { color: colour('--text'), fontSize: 13 },
        formatter: (points) =>
          [points[0].name.replace(/[{}|]/g, ' '), ...points.map((p) => `${p.seriesName}  ${p.value ?? '–'}`)].join('\n'),
      },
      xAxis: bars ? numbers : names,
      yAxis: bars ? names : numbers,
      series: series.map(({ name, data }, index) =>
        bars
          ? { name, data, type: 'bar', stack: 'requests', barMaxWidth: 22, itemStyle: { borderColor: colour('--card'), borderWidth: 1 } }
          : { name, data, type: 'line', symbol: ['circle', 'rect', 'triangle'][index % 3], symbolSize: 7, lineStyle: { width: 2 } },
      ),
    };
  }

  function draw() {
    watcher?.disconnect();
    chart?.dispose();
    chart = null;
    const host = document.querySelector('[data-chart]');
    const table = host && document.getElementById(host.dataset.table);
    if (!table || !window.echarts) return;
    const kind = host.dataset.chart;
    let data = read(table);
    if (kind === 'bar') {
      data = { keys: data.keys.slice(0, BARS), series: data.series.map((s) => ({ name: s.name, data: s.data.slice(0, BARS) })) };
    } else {
      data = everyDay(data);
    }
    host.classList.add('drawn');
    host.style.height = (kind === 'bar' ? 78 + 34 * data.keys.length : 300) + 'px';
    chart = window.echarts.init(host, null, { renderer: 'canvas' });
    chart.setOption(option(kind, data));
    watcher = new ResizeObserver(() => chart?.resize());
    watcher.observe(host);
  }

  dark.addEventListener('change', draw);
  document.addEventListener('htmx:afterSettle', () => {
    draw();
    const report = document.getElementById('report');
    document.getElementById('said').textContent = report ? report.dataset.said : '';
  });
  draw();
})();
