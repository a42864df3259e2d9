using Orchestrator.Core.Planning;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Windows;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

public sealed class WindowAndScheduleTests
{
    private const string Least = """

        orchestrator.node.name = node-1
        orchestrator.clusters.main.replica-sets.rs-1.members = [node-1]
        """;

    [Fact]
    public void Every_setting_of_windows_and_schedules_is_read()
    {
        var settings = SettingsBinder.Parse("""
            orchestrator {
              windows.nights {
                time-zone = Europe/Berlin
                weekly = ["SAT-22:00..SUN-04:00", "SUN-22:00..MON-04:00"]
                cron = ["0 0 12 ? * WED"]
                cron-duration = 90m
                blackouts = ["2026-12-24..2026-12-26"]
                on-close = suspend
              }
              schedules.nightly {
                enabled = off
                engines = [embedded]
                clusters = ["main*"]
                databases = [shop]
                collections = ["shop/o*"]
                windows = [nights]
                mode = rewrite
                verify = on
                on-failure = skip-member
                max-bytes-per-second = 20MiB
                requires-approval = on
                rules {
                  min-reclaimable-bytes = 1GiB
                  min-fragmentation = 30%
                  disk-used-above = 80%
                  quota-used-above = 70%
                  time-since-last = 1d
                  back-off = 2d
                  max-back-off = 8d
                }
                look-interval = 1m
                min-pause = 5m
                max-runs-per-window = 3
                max-runs-per-day = 4
                max-collections-per-run = 7
                max-parallel-replica-sets = 2
                missed-window = catch-up
              }
              automatic-compaction = on
            }
            """ + Least);

        var window = Assert.Single(settings.Supervisor.Windows);
        Assert.Equal(
            "nights: SAT-22:00..SUN-04:00, SUN-22:00..MON-04:00, cron 0 0 12 ? * WED for 1h 30m (Europe/Berlin), not 2026-12-24..2026-12-26; suspends when it closes",
            window.ToString());
        Assert.Equal(["nightly", "automatic"], settings.Supervisor.Schedules.Select(schedule => schedule.Name));
        var (nightly, automatic) = (settings.Supervisor.Schedules[0], settings.Supervisor.Schedules[1]);
        Assert.Equal((false, "rewrite", true), (nightly.Enabled, nightly.Mode, nightly.NeedsApproval));
        Assert.Equal((true, FailurePolicy.SkipMember, 20 << 20), (nightly.Verify, nightly.OnFailure, nightly.MaxBytesPerSecond));
        Assert.Equal((false, FailurePolicy.Stop), (automatic.Verify, automatic.OnFailure));
        Assert.Equal(["embedded"], nightly.Scope.Engines);
        Assert.Equal(["main*"], nightly.Scope.Clusters);
        Assert.Equal(["shop"], nightly.Scope.Databases);
        Assert.Equal(["shop/o*"], nightly.Scope.Collections);
        Assert.Equal([window], nightly.Windows.Windows);
        Assert.Equal(
            new ScheduleRules(1 << 30, 0.3, 0.8, TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(8)) { QuotaUsedAbove = 0.7 }, nightly.Rules);
        Assert.Equal(
            new SchedulePacing(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), 3, 4, 7, 2, MissedWindowPolicy.CatchUp), nightly.Pacing);
        Assert.Equal((true, ScheduleRules.Default, SchedulePacing.Default), (automatic.Enabled, automatic.Rules, automatic.Pacing));
        Assert.Equal(["embedded"], automatic.Scope.Engines);
        Assert.Equal([window], automatic.Windows.Windows);
    }

    [Fact]
    public void With_any_only_the_rules_that_are_written_down_count_and_there_must_be_one()
    {
        var rules = Assert.Single(SettingsBinder.Parse("orchestrator.schedules.s.rules { match = any, disk-used-above = 80%, max-back-off = 8d }" + Least).Supervisor.Schedules).Rules;

        Assert.Equal(new ScheduleRules(0, 0, 0.8, TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromDays(8)) { Match = RuleMatch.Any }, rules);
        Assert.Equal(
            [
                "test.conf:1: orchestrator.schedules.s.rules.match: expected at least one of min-reclaimable-bytes, min-fragmentation, disk-used-above, quota-used-above and time-since-last "
                + "with any, found none",
                "test.conf:2: orchestrator.schedules.t.rules.match: expected one of all, any, found \"either\"",
            ],
            Assert.Throws<SettingsException>(() => SettingsBinder.Parse(
                "orchestrator.schedules.s.rules.match = any\norchestrator.schedules.t.rules.match = either" + Least, "test.conf")).Errors.Select(error => error.ToString()));
    }

    [Fact]
    public void Everything_that_is_wrong_with_windows_and_schedules_is_reported_with_its_line()
    {
        const string text = """
            orchestrator.windows {
              bad {
                time-zone = Europe/Berln
                weekly = ["SAT-22:00..SAT-20:00", "sometimes"]
                cron = ["0 22 1 * SAT", "* * * * * ?"]
                blackouts = ["2026-12-24..2026-12-20"]
                on-close = stop
              }
              overlapping {
                weekly = ["MON-00:00..FRI-15:00", "FRI-14:00..SAT-10:00"]
              }
              empty { time-zone = UTC }
              long {
                cron = ["0 22 * * *"]
                cron-duration = 25h
              }
              odd { weekly = ["MON-00:00..FRI-15:00"], cron-duration = 1h, weeky = 1 }
            }
            orchestrator.schedules {
              "a b" { windows = [bad] }
              s {
                windows = [nigths, overlaping]
                engines = [embeded]
                rules.back-off = 90d
                rules.min-fragmentation = 120%
                look-interval = 1ms
                missed-window = maybe
              }
              automatic {}
            }
            orchestrator.automatic-compaction = on
            """;

        var errors = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text + Least, "test.conf")).Errors.Select(error => error.ToString());

        Assert.Equal(
            [
                "test.conf:3: orchestrator.windows.bad.time-zone: there is no time zone \"Europe/Berln\"; did you mean Europe/Berlin?",
                "test.conf:4: orchestrator.windows.bad.weekly: the span \"SAT-22:00..SAT-20:00\" ends before it begins",
                "test.conf:4: orchestrator.windows.bad.weekly: expected a weekly span such as MON-00:00..FRI-15:00, found \"sometimes\"",
                "test.conf:5: orchestrator.windows.bad.cron: expected a cron expression such as \"0 22 * * SAT\" or \"0 0 2 ? * SAT#2\", found \"0 22 1 * SAT\": days of the month and days of the week cannot both be given; use two expressions",
                "test.conf:5: orchestrator.windows.bad.cron: expected a cron expression such as \"0 22 * * SAT\" or \"0 0 2 ? * SAT#2\", found \"* * * * * ?\": its seconds must be one number",
                "test.conf:6: orchestrator.windows.bad.blackouts: the blackout \"2026-12-24..2026-12-20\" ends before it begins",
                "test.conf:7: orchestrator.windows.bad.on-close: expected one of finish, suspend, found \"stop\"",
                "test.conf:10: orchestrator.windows.overlapping.weekly: the spans MON-00:00..FRI-15:00 and FRI-14:00..SAT-10:00 overlap; join them",
                "test.conf:12: orchestrator.windows.empty.weekly: expected at least one span in weekly or expression in cron: this window would never open",
                "test.conf:14: orchestrator.windows.long.cron: \"0 22 * * *\" opens again after 1d (at 2026-01-02 22:00), but stays open for 1d 1h: openings must not overlap",
                "test.conf:17: orchestrator.windows.odd.cron-duration: is valid only with cron, and none is given",
                "test.conf:17: orchestrator.windows.odd.weeky: there is no such setting; did you mean weekly?",
                "test.conf:20: orchestrator.schedules.\"a b\": expected a name of 1 to 40 letters, digits, '-' and '_', found \"a b\"",
                "test.conf:22: orchestrator.schedules.s.windows: there is no window \"nigths\" in orchestrator.windows",
                "test.conf:23: orchestrator.schedules.s.engines: expected some of embedded, etcd, mongodb, couchdb, found \"embeded\"; did you mean embedded?",
                "test.conf:24: orchestrator.schedules.s.rules.max-back-off: expected at least back-off (90d), found 30d",
                "test.conf:25: orchestrator.schedules.s.rules.min-fragmentation: expected 0% to 100%, found 120%",
                "test.conf:26: orchestrator.schedules.s.look-interval: expected 1s to 1d, found 1ms",
                "test.conf:27: orchestrator.schedules.s.missed-window: expected one of skip, catch-up, found \"maybe\"",
                "test.conf:31: orchestrator.automatic-compaction: there is a schedule named automatic; give it another name, or leave this off",
            ],
            errors);
    }

    [Fact]
    public void A_schedule_that_could_never_start_a_run_is_refused_with_its_line_and_the_valid_names()
    {
        const string text = """
            orchestrator {
              windows.w { cron = ["*/0 * * * *"], cron-duration = 10m }
              schedules.fast { clusters = ["main"], mode = rewrit }
              schedules.typo { clusters = ["mainn"] }
              schedules.deep { collections = ["a/b/c"] }
              schedules.half { collections = ["/b"], databases = ["a/b"] }
              schedules.foreign { mode = rewrite, verify = on, max-bytes-per-second = 1MiB }
              schedules.fine { clusters = ["m*", "prod-*"], engines = [embedded], mode = default, verify = on, on-failure = never, max-bytes-per-second = 1KiB }
              clusters.kv { engine = etcd, endpoints = ["http://127.0.0.1:2379"] }
            }
            """;

        var errors = Assert.Throws<SettingsException>(() => SettingsBinder.Parse(text + Least, "test.conf")).Errors.Select(error => error.ToString());

        Assert.Equal(
            [
                "test.conf:2: orchestrator.windows.w.cron: expected a cron expression such as \"0 22 * * SAT\" or \"0 0 2 ? * SAT#2\", found \"*/0 * * * *\": "
                    + "a step (the number after /) is at least 1",
                "test.conf:3: orchestrator.schedules.fast.mode: expected one of default, auto, rewrite, exclusive, incremental, release, found \"rewrit\"; did you mean rewrite?",
                "test.conf:4: orchestrator.schedules.typo.clusters: expected one of the clusters kv, main, or a pattern with * or ?, found \"mainn\"; did you mean main?",
                "test.conf:5: orchestrator.schedules.deep.collections: expected collection or database/collection, found \"a/b/c\"",
                "test.conf:6: orchestrator.schedules.half.databases: expected names or patterns of databases, found \"a/b\": database/collection belongs in collections",
                "test.conf:6: orchestrator.schedules.half.collections: expected collection or database/collection, found \"/b\"",
                "test.conf:7: orchestrator.schedules.foreign.mode: the engine etcd of cluster kv has no mode rewrite; limit the schedule with engines or clusters, or use default or auto",
                "test.conf:7: orchestrator.schedules.foreign.verify: etcd, the engine of cluster kv, has no verification; limit the schedule with engines or clusters, or leave this off",
                "test.conf:7: orchestrator.schedules.foreign.max-bytes-per-second: etcd, the engine of cluster kv, cannot limit the rate; "
                    + "limit the schedule with engines or clusters, or leave this out",
                "test.conf:8: orchestrator.schedules.fine.max-bytes-per-second: expected 0 (no limit) or at least 64KiB, found 1KiB",
                "test.conf:8: orchestrator.schedules.fine.on-failure: expected one of stop, skip-member, continue, found \"never\"",
            ],
            errors);
    }

    [Theory]
    [InlineData("0 22 * * SAT", "2026-01-03 22:00, 2026-01-10 22:00, 2026-01-17 22:00")]
    [InlineData("30 2 * * 0,7", "2026-01-04 02:30, 2026-01-11 02:30, 2026-01-18 02:30")]
    [InlineData("0 2 * * 1-5", "2026-01-01 02:00, 2026-01-02 02:00, 2026-01-05 02:00")]
    [InlineData("0 2 15 * *", "2026-01-15 02:00, 2026-02-15 02:00, 2026-03-15 02:00")]
    [InlineData("0 0 2 ? * SAT#2", "2026-01-10 02:00, 2026-02-14 02:00, 2026-03-14 02:00")]
    [InlineData("0 0 2 L * ?", "2026-01-31 02:00, 2026-02-28 02:00, 2026-03-31 02:00")]
    [InlineData("0 30 2 29 3 ? 2026", "2026-03-29 02:30")]
    public void Cron_expressions_mean_times_of_the_clock_on_the_wall(string text, string times)
    {
        var cron = CronTimes.Parse(text, out var problem);

        Assert.Equal("", problem);
        var days = cron!.Days(new DateTime(2026, 1, 1), new DateTime(2028, 1, 1)).ToList();
        Assert.Equal(times, string.Join(", ", days.Take(3).Select(day => (day + Assert.Single(cron.TimesOfDay)).ToString("yyyy-MM-dd HH:mm"))));
        Assert.Equal(days[0], cron.Days(days[0], days[0].AddTicks(1)).Single());
        Assert.Equal(days[0], cron.Days(days[0].AddDays(-1), days[0].AddTicks(1)).Last());
        Assert.DoesNotContain(days[0], cron.Days(days[0].AddDays(-1), days[0]));
    }

    [Theory]
    [InlineData("* * * * *", 1440, "00:00:00", "23:59:00")]
    [InlineData("*/5 1-2 * * MON", 24, "01:00:00", "02:55:00")]
    [InlineData("30 0/20 12 ? * MON-FRI", 3, "12:00:30", "12:40:30")]
    public void A_cron_expression_has_the_same_times_on_each_of_its_days(string text, int count, string first, string last)
    {
        var times = CronTimes.Parse(text, out _)!.TimesOfDay;

        Assert.Equal((count, first, last), (times.Count, times[0].ToString(), times[^1].ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0 22")]
    [InlineData("0 99 * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("0 22 * * MON/0")]
    [InlineData("0 22 * * NODAY")]
    [InlineData("every night please now")]
    [InlineData("1 2 3 4 5 6 7 8")]
    public void Text_that_is_no_cron_expression_is_refused_with_the_text(string text)
    {
        Assert.Null(CronTimes.Parse(text, out var problem));
        Assert.Contains($"found \"{text}\"", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_by_cron_keeps_to_its_zone()
    {
        var window = Assert.Single(SettingsBinder.Parse("""
            orchestrator.windows.w { time-zone = America/New_York, cron = ["0 22 * * SAT"], cron-duration = 4h }
            """ + Least).Supervisor.Windows);

        var openings = new WindowCalendar([window]).NextOpenings(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), 3);

        Assert.Equal(
            ["2026-03-01T03:00:00Z", "2026-03-08T03:00:00Z", "2026-03-15T02:00:00Z"],
            openings.Select(at => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")));
    }
}
