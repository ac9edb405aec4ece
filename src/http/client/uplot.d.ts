/** The chart library as the server serves it beside these scripts. */
export { default } from 'uplot'
