CREATE TABLE `check_result` (
	`at_ms` integer NOT NULL,
	`tracker_id` integer NOT NULL,
	`family` integer NOT NULL,
	`outcome` integer NOT NULL,
	`reason` integer,
	`code_id` integer,
	`message_id` integer,
	`flags_id` integer,
	`decisive` integer NOT NULL,
	`latency_us` integer,
	`attempts` integer NOT NULL,
	`packets_sent` integer NOT NULL,
	`packets_lost` integer NOT NULL,
	`resolve_us` integer,
	`connect_us` integer,
	`tls_us` integer,
	`send_us` integer,
	`processing_us` integer,
	`transfer_us` integer,
	`udp_connect_us` integer,
	`udp_announce_us` integer,
	`udp_scrape_us` integer,
	`ws_upgrade_us` integer,
	`ws_reply_us` integer,
	PRIMARY KEY(`at_ms`, `tracker_id`, `family`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `detail` (
	`id` integer PRIMARY KEY NOT NULL,
	`text` text NOT NULL,
	`used_on` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `detail_text_unique` ON `detail` (`text`);--> statement-breakpoint
CREATE TABLE `gap` (
	`tracker_id` integer NOT NULL,
	`to_ms` integer NOT NULL,
	`from_ms` integer NOT NULL,
	PRIMARY KEY(`tracker_id`, `to_ms`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `meta` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL
) STRICT, WITHOUT ROWID;
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
	`last_check` text NOT NULL,
	`last_ok_at_ms` integer,
	FOREIGN KEY (`tracker_id`) REFERENCES `tracker`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
