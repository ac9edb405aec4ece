const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
]

/** Of every answer: whatever text of a stranger came into a page, a browser runs none of it and asks nobody else for it. */
export const securityHeaders = {
  'Content-Security-Policy': policy.join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not `no-referrer`: then a browser sends the forms of our own pages with the origin `null`.
  'Referrer-Policy': 'same-origin',
} as const
