// A page of cases. `element`, `props`, `trigger` and `watch` come from Gradio. Text goes into the page by textContent.
"use strict";

const find = (selector) => element.querySelector(selector);
const before = find('.cl-before'), next = find('.cl-next'), clear = find('.cl-clear'), cards = find('.cl-cards');
let shown = { page: 0 };

function made(kind, text, className) {
  const node = document.createElement(kind);
  if (text) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function card(value) {
  const article = made('article', '', 'cl-card'), head = made('h4', value.id), facts = made('dl');
  head.append(made('span', value.label));
  article.append(head);
  if (typeof value.picture === 'string' && value.picture.startsWith('data:image/')) {
    const image = made('img');
    image.src = value.picture;
    image.alt = `Case ${value.id}: lesion with its border and the area fed to the network`;
    article.append(image);
  } else article.append(made('p', value.hint, 'cl-none'));
  for (const [term, text] of value.rows) facts.append(made('dt', term), made('dd', text));
  article.append(facts);
  if (value.more.length) {
    const more = made('details'), list = made('dl');
    for (const [term, text] of value.more) list.append(made('dt', term), made('dd', text));
    more.append(made('summary', 'What is known of it'), list);
    article.append(more);
  }
  return article;
}

function draw() {
  shown = props.value ? JSON.parse(props.value) : { heading: '', count: '', page: 0, pages: 1, cards: [], filtered: false };
  find('.cl-heading').textContent = [shown.heading, shown.count].filter(Boolean).join(' · ');
  clear.hidden = !shown.filtered;
  cards.replaceChildren(...shown.cards.map(card));
  find('.cl-where').textContent = `page ${shown.page + 1} of ${shown.pages}`;
  before.disabled = shown.page <= 0;
  next.disabled = shown.page + 1 >= shown.pages;
}

before.addEventListener('click', () => trigger('turn', { page: shown.page - 1 }));
next.addEventListener('click', () => trigger('turn', { page: shown.page + 1 }));
clear.addEventListener('click', () => trigger('clear', {}));
watch('value', draw);
draw();
