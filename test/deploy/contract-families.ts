/** The metrics that dashboards of others rely on. */
export const contractFamilies: readonly string[] = [
  'tracker_info tracker_up tracker_status tracker_status_change_timestamp_seconds tracker_uptime_ratio',
  'tracker_announce_interval_seconds tracker_min_announce_interval_seconds tracker_seeders tracker_leechers',
  'tracker_certificate_expiry_timestamp_seconds probe_success probe_duration_seconds',
  'probe_last_success_timestamp_seconds probes_total probe_failures_total probe_packets_sent_total',
  'probe_packets_lost_total trackers probe_round_trip_seconds rounds_total round_duration_seconds',
  'round_last_timestamp_seconds scheduler_beats_missed_total scheduler_lag_seconds probes_in_flight uplink_up',
  'database_size_bytes database_errors_total database_write_queue_length list_entries',
  'list_last_write_timestamp_seconds config_last_reload_successful config_last_reload_success_timestamp_seconds',
  'build_info',
].flatMap((line) => line.split(' ').map((name) => `trackerwatch_${name}`))
