using System.Globalization;
using Orchestrator.Core.Windows;

namespace Orchestrator.Core.Tests.Windows;

/// <summary>
/// Reads the cases of windows. <c>window NAME ZONE [suspend]</c> adds one from lines <c>weekly SPAN</c>, <c>daily HH:MM for MINUTES</c>
/// (as a cron expression would mean it) and <c>blackout SPAN</c>; <c>reset</c> forgets all. <c>status</c> takes moments, <c>openings FROM COUNT</c>
/// lists the next openings, <c>walk FROM TO</c> every opening and closing between two moments.
/// </summary>
internal sealed class WindowCases
{
    private readonly List<MaintenanceWindow> _windows = [];

    private WindowCalendar Calendar => new([.. _windows]);

    public string Execute(string command, IReadOnlyList<string> input)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "reset":
                _windows.Clear();
                return "none";
            case "window":
                return Add(words, input);
            case "status":
                return string.Join('\n', input.Select(moment => $"{moment}  {Text(Calendar.StatusAt(Moment(moment)))}"));
            case "openings":
                return string.Join('\n', Calendar.NextOpenings(Moment(words[1]), int.Parse(words[2], CultureInfo.InvariantCulture)).Select(Text).DefaultIfEmpty("never"));
            case "walk":
                return Walk(Moment(words[1]), Moment(words[2]));
            default:
                throw new FormatException($"unknown command '{words[0]}'");
        }
    }

    private string Add(string[] words, IReadOnlyList<string> input)
    {
        var problems = new List<string>();
        var weekly = new List<WeeklySpan>();
        var cron = new List<CronOpening>();
        var blackouts = new List<Blackout>();
        foreach (var line in input.Select(line => line.Split(' ', 2)))
        {
            var problem = "";
            switch (line[0])
            {
                case "weekly" when WeeklySpan.Parse(line[1], out problem) is { } span:
                    weekly.Add(span);
                    break;
                case "blackout" when Blackout.Parse(line[1], out problem) is { } blackout:
                    blackouts.Add(blackout);
                    break;
                case "daily":
                    var parts = line[1].Split(" for ");
                    cron.Add(new CronOpening(
                        new Daily(TimeSpan.Parse(parts[0], CultureInfo.InvariantCulture)),
                        TimeSpan.FromMinutes(int.Parse(parts[1], CultureInfo.InvariantCulture))));
                    break;
            }

            if (problem.Length > 0)
            {
                problems.Add($"{line[0]}: {problem}");
            }
        }

        var rule = words.Length > 3 ? Enum.Parse<WindowCloseRule>(words[3], true) : WindowCloseRule.Finish;
        var window = MaintenanceWindow.Create(words[1], words[2], weekly, cron, blackouts, rule, out var more);
        problems.AddRange(more.Select(problem => $"{problem.Setting}: {problem.Message}"));
        if (problems.Count > 0)
        {
            return string.Join('\n', problems);
        }

        _windows.Add(window!);
        return window!.ToString();
    }

    private string Walk(DateTimeOffset from, DateTimeOffset to)
    {
        var lines = new List<string>();
        var at = from;
        while (lines.Count < 40)
        {
            var status = Calendar.StatusAt(at);
            var next = status.Open ? status.ClosesAt : status.OpensAt;
            if (next is not { } moment || moment > to)
            {
                break;
            }

            lines.Add($"{(status.Open ? "closes" : "opens ")} {Text(moment)}");
            at = moment;
        }

        return string.Join('\n', lines.DefaultIfEmpty("nothing"));
    }

    private static string Text(WindowStatus status) =>
        $"{status.Sentence}{(status.OpenedAt is { } since ? $" since {Text(since)}" : "")} [{status.OnClose}]";

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("ddd yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>Every day at one time, as a cron expression would mean it.</summary>
    internal sealed record Daily(TimeSpan TimeOfDay) : ICronTimes
    {
        public string Text => $"daily {TimeOfDay:hh\\:mm}";

        public IReadOnlyList<TimeSpan> TimesOfDay => [TimeOfDay];

        public IEnumerable<DateTime> Days(DateTime from, DateTime to)
        {
            for (var day = from; day < to; day = day.AddDays(1))
            {
                yield return day;
            }
        }
    }
}
