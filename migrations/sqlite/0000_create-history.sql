CREATE TABLE `address` (
	`tracker_id` integer NOT NULL,
	`address` text NOT NULL,
	`family` integer NOT NULL,
	`first_seen_ms` integer NOT NULL,
	`last_seen_ms` integer NOT NULL,
	PRIMARY KEY(`tracker_id`, `address`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `address_by_address` ON `address` (`address`);--> statement-breakpoint
CREATE TABLE `alias` (
	`url` text PRIMARY KEY NOT NULL,
	`public_id` text NOT NULL,
	`tracker_id` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `alias_by_public_id` ON `alias` (`public_id`);--> statement-breakpoint
CREATE TABLE `check_result` (
	`at_ms` integer NOT NULL,
	`tracker_id` integer NOT NULL,
	`family` integer NOT NULL,
	`vantage_id` integer NOT NULL,
	`verdict_id` integer NOT NULL,
	`latency_us` integer,
	PRIMARY KEY(`at_ms`, `tracker_id`, `family`, `vantage_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `day_rollup` (
	`tracker_id` integer NOT NULL,
	`vantage_id` integer NOT NULL,
	`day` integer NOT NULL,
	`ok` integer NOT NULL,
	`rejected` integer NOT NULL,
	`failed` integer NOT NULL,
	`skipped` integer NOT NULL,
	`reasons` text,
	`packets_sent` integer NOT NULL,
	`packets_lost` integer NOT NULL,
	`observed_ms` integer NOT NULL,
	`alive_ms` integer NOT NULL,
	`skipped_ms` integer NOT NULL,
	`latencies` blob NOT NULL,
	PRIMARY KEY(`tracker_id`, `vantage_id`, `day`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `gap` (
	`tracker_id` integer NOT NULL,
	`to_ms` integer NOT NULL,
	`from_ms` integer NOT NULL,
	PRIMARY KEY(`tracker_id`, `to_ms`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `hour_phase` (
	`tracker_id` integer NOT NULL,
	`vantage_id` integer NOT NULL,
	`hour` integer NOT NULL,
	`answered` integer NOT NULL,
	`phases_us` text NOT NULL,
	PRIMARY KEY(`tracker_id`, `vantage_id`, `hour`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `hour_rollup` (
	`tracker_id` integer NOT NULL,
	`vantage_id` integer NOT NULL,
	`hour` integer NOT NULL,
	`ok` integer NOT NULL,
	`rejected` integer NOT NULL,
	`failed` integer NOT NULL,
	`skipped` integer NOT NULL,
	`reasons` text,
	`packets_sent` integer NOT NULL,
	`packets_lost` integer NOT NULL,
	`observed_ms` integer NOT NULL,
	`alive_ms` integer NOT NULL,
	`skipped_ms` integer NOT NULL,
	`latencies` blob NOT NULL,
	PRIMARY KEY(`tracker_id`, `vantage_id`, `hour`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `last_check` (
	`tracker_id` integer PRIMARY KEY NOT NULL,
	`body` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `list_change` (
	`list` text NOT NULL,
	`at_ms` integer NOT NULL,
	`tracker_id` integer NOT NULL,
	`entered` integer NOT NULL,
	`reason` text NOT NULL,
	`uptime` real,
	PRIMARY KEY(`list`, `at_ms`, `tracker_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `list_member` (
	`list` text NOT NULL,
	`tracker_id` integer NOT NULL,
	`since_ms` integer NOT NULL,
	PRIMARY KEY(`list`, `tracker_id`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `meta` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `reopened` (
	`tracker_id` integer PRIMARY KEY NOT NULL,
	`from_ms` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `secret` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `status_change` (
	`tracker_id` integer NOT NULL,
	`at_ms` integer NOT NULL,
	`confirmed_at_ms` integer NOT NULL,
	`from_status` text NOT NULL,
	`to_status` text NOT NULL,
	`reason` text,
	`code` text,
	`message` text,
	PRIMARY KEY(`tracker_id`, `at_ms`, `confirmed_at_ms`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `status_change_by_time` ON `status_change` (`at_ms`,`tracker_id`,`confirmed_at_ms`);--> statement-breakpoint
CREATE TABLE `tracker` (
	`id` integer PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`public_id` text NOT NULL,
	`grp` text NOT NULL,
	`alive_when` text NOT NULL,
	`added_at_ms` integer NOT NULL,
	`archived_at_ms` integer,
	`position` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `tracker_url_unique` ON `tracker` (`url`);--> statement-breakpoint
CREATE INDEX `tracker_by_public_id` ON `tracker` (`public_id`);--> statement-breakpoint
CREATE TABLE `tracker_state` (
	`tracker_id` integer PRIMARY KEY NOT NULL,
	`status` text NOT NULL,
	`since_ms` integer NOT NULL,
	`checked_at_ms` integer NOT NULL,
	`streak_good` integer,
	`streak_count` integer,
	`streak_since_ms` integer,
	`last_verdict` text,
	`unobserved_since_ms` integer,
	`hold_ms` integer NOT NULL,
	`last_times` blob,
	`last_ok_at_ms` integer,
	FOREIGN KEY (`tracker_id`) REFERENCES `tracker`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE TABLE `verdict` (
	`id` integer PRIMARY KEY NOT NULL,
	`outcome` integer NOT NULL,
	`reason` integer NOT NULL,
	`code` text NOT NULL,
	`message` text NOT NULL,
	`flags` text NOT NULL,
	`attempts` integer NOT NULL,
	`packets_sent` integer NOT NULL,
	`packets_lost` integer NOT NULL,
	`decisive` integer NOT NULL,
	`used_on` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `verdict_content` ON `verdict` (`outcome`,`reason`,`code`,`message`,`flags`,`attempts`,`packets_sent`,`packets_lost`,`decisive`);