// The figures of an exported page. Saved pictures carry their caption, and white ground.
"use strict";

const kept = {};

function wrapped(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if ((lines.at(-1) + word).length > width && lines.at(-1)) lines.push('');
    lines[lines.length - 1] += `${word} `;
  }
  return lines;
}

function captioned({ figure, caption }, width) {
  const lines = wrapped(caption, Math.floor(width / 6));
  const layout = structuredClone(figure.layout ?? {}), margin = { l: 56, r: 12, t: 10, b: 48, ...layout.margin };
  const height = layout.height ?? 420, extra = 14 * lines.length + 24, low = margin.b;
  layout.margin = { ...margin, b: low + extra + 40 };
  layout.height = height + extra + 40;
  layout.annotations = [...(layout.annotations ?? []), {
    text: lines.map((line) => line.replaceAll('<', '&lt;')).join('<br>'), xref: 'paper', yref: 'paper', x: 0, y: 0,
    xanchor: 'left', yanchor: 'top', yshift: -(low + 40), align: 'left', showarrow: false, font: { size: 10 },
  }];
  return { data: figure.data, layout: { ...layout, width, paper_bgcolor: '#fff', plot_bgcolor: '#fff' } };
}

for (const script of document.querySelectorAll('script[data-plot]')) {
  const name = script.dataset.plot, value = JSON.parse(script.textContent);
  kept[name] = value;
  const layout = { font: { family: 'system-ui, sans-serif', color: '#1e293b' }, ...value.figure.layout };
  Plotly.newPlot(name, value.figure.data, layout, { responsive: true, displayModeBar: false });
}
for (const button of document.querySelectorAll('button[data-save]')) {
  button.addEventListener('click', () => {
    const picture = captioned(kept[button.dataset.of], 900), format = button.dataset.save;
    const { height } = picture.layout;
    Plotly.downloadImage(picture, { format, width: 900, height, scale: format === 'png' ? 2 : 1, filename: button.dataset.of });
  });
}
