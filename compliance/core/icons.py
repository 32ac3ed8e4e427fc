"""The icons: 16-unit grid, line drawings. The words beside an icon carry its meaning."""

# Drawn on a 16-unit grid with a 1.75 line and round ends; the line is set in base.css.
ICONS = {
    "alert": '<path d="M8 2.2 14.5 13.5h-13z"/><path d="M8 6.6v3M8 11.7v.1"/>',
    "approx": (
        '<path d="M2.5 6.4c1.6-1.8 3.3-1.8 5.5-.3s3.9 1.5 5.5-.3"/>'
        '<path d="M2.5 10.9c1.6-1.8 3.3-1.8 5.5-.3s3.9 1.5 5.5-.3"/>'
    ),
    "arrow-right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "ban": '<circle cx="8" cy="8" r="6"/><path d="m3.8 3.8 8.4 8.4"/>',
    "book": (
        '<path d="M8 4.2C6.6 3.1 4.6 2.8 2 2.8v9.6c2.6 0 4.6.3 6 1.4 1.4-1.1 3.4-1.4 6-1.4V2.8c-2.6 0-4.6.3-6 1.4z"/>'
        '<path d="M8 4.2v9.6"/>'
    ),
    "building": '<path d="M3.5 14V2.8h6V14M9.5 6.5h3V14M2 14h12M5.7 5.6h1.6M5.7 8.3h1.6M5.7 11h1.6"/>',
    "calendar": '<rect x="2.5" y="3.5" width="11" height="10" rx="1.2"/><path d="M2.5 6.8h11M5.5 2v3M10.5 2v3"/>',
    "check": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "chevron": '<path d="M4 6l4 4 4-4"/>',
    "chevron-left": '<path d="M10 3.5 5.5 8l4.5 4.5"/>',
    "chevron-right": '<path d="M6 3.5 10.5 8 6 12.5"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.3 1.6"/>',
    "dot": '<circle cx="8" cy="8" r="1.8"/>',
    "download": '<path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10"/>',
    "eye": '<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.8"/>',
    "file": '<path d="M9.5 1.8h-5a1 1 0 0 0-1 1v10.4a1 1 0 0 0 1 1h7a1 1 0 0 0 1-1V4.8z"/><path d="M9.5 1.8v3h3"/>',
    "flag": '<path d="M4 14V2.5h8.5l-2 3.3 2 3.2H4"/>',
    "hash": '<path d="M6.3 2.5l-1.2 11M10.9 2.5l-1.2 11M3 5.8h10.5M2.5 10.2H13"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.4M8 5.1v.1"/>',
    "key": '<circle cx="5" cy="11" r="2.7"/><path d="m7 9 6-6M10.5 5.5l2 2"/>',
    "link": (
        '<path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8"/>'
        '<path d="M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8"/>'
    ),
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "lock": '<rect x="3.5" y="7" width="9" height="6.5" rx="1.2"/><path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
    "mail": '<rect x="2" y="3.5" width="12" height="9" rx="1.2"/><path d="M2.4 4.5 8 8.8l5.6-4.3"/>',
    "menu": '<path d="M2 3.5h12M2 8h12M2 12.5h12"/>',
    "minus": '<path d="M3.5 8h9"/>',
    "more": '<path d="M3 8h.1M8 8h.1M13 8h.1"/>',
    "pause": '<path d="M5.5 3.5v9M10.5 3.5v9"/>',
    "pencil": '<path d="M10.8 2.8l2.4 2.4-7.8 7.8-3 .6.6-3z"/>',
    "play": '<path d="M5 3.2 12.5 8 5 12.8z"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "question": '<path d="M5.7 5.6a2.4 2.4 0 1 1 3.5 2.3C8.3 8.4 8 8.9 8 9.8M8 12.6v.1"/>',
    "quote": '<path d="M6.5 4C4.4 4.6 3 6.4 3 9v3h3.5V8.7H3M13 4c-2.1.6-3.5 2.4-3.5 5v3H13V8.7H9.5"/>',
    "refresh": '<path d="M13 8a5 5 0 1 1-1.5-3.6L13 5.8M13 2.6v3.2H9.8"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="M10.4 10.4 14 14"/>',
    "shield": '<path d="M8 1.8l5 1.9v4c0 3.2-2.1 5.4-5 6.5-2.9-1.1-5-3.3-5-6.5v-4z"/>',
    "ship": '<path d="M2.2 9.5h11.6l-1.7 4H3.9zM4.5 9.5V6h7v3.5M8 6V3"/>',
    "sign-out": '<path d="M6.5 2.5h-3v11h3M6.5 8H14M11 5l3 3-3 3"/>',
    "spin": '<path d="M8 2a6 6 0 1 1-6 6"/>',
    "undo": '<path d="M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M6 3.5l-3 3 3 3"/>',
    "upload": '<path d="M8 10.5V3M4.8 6 8 2.8 11.2 6M3 13.5h10"/>',
    "user": '<circle cx="8" cy="5.2" r="2.7"/><path d="M3 13.5c0-2.8 2.2-4.5 5-4.5s5 1.7 5 4.5"/>',
    "users": (
        '<circle cx="6" cy="5.4" r="2.3"/><path d="M1.8 13c0-2.4 1.8-4 4.2-4s4.2 1.6 4.2 4"/>'
        '<path d="M10.8 3.3a2.3 2.3 0 0 1 0 4.3M12 9.4c1.4.6 2.2 1.9 2.2 3.6"/>'
    ),
    "x": '<path d="M4 4l8 8M12 4l-8 8"/>',
}
