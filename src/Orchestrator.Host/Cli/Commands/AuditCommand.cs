using System.CommandLine;
using System.CommandLine.Parsing;
using Orchestrator.Core.Operations;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>audit</c>: who ordered what, page by page.</summary>
internal static class AuditCommand
{
    private const int DefaultLimit = 100;

    public static Command Create(CommandRunner runner, TimeProvider time)
    {
        var after = UnitOptions.Number("--after", "Only entries with a higher number, the oldest of them first; without it the newest are shown.", 0);
        var before = UnitOptions.Number("--before", "Only entries with a lower number.", 1);
        var since = Moment("--since", "Only entries of this time or later: a time, or how long ago, for example 2h or 7d.", time);
        var until = Moment("--until", "Only entries before this time: a time, or how long ago.", time);
        var limit = UnitOptions.Number("--limit", $"Entries at most; {DefaultLimit} unless given.", 1);
        var all = new Option<bool>("--all") { Description = "Every entry that is kept, or that the other options leave." };
        var command = ClientCommand.Create(
            runner,
            "audit",
            "Lists who ordered what, and whether it was accepted or refused and why; in the order of time, the newest entries unless told otherwise.",
            async (parsed, client, output, cancellationToken) =>
            {
                var isForward = parsed.GetValue(after) is not null || parsed.GetValue(all);
                var query = new AuditQuery(
                    parsed.GetValue(after) ?? 0, parsed.GetValue(before), parsed.GetValue(since), parsed.GetValue(until), !isForward, AuditReading.MaxEntries);
                var trail = await Read(client, query, parsed.GetValue(all) ? long.MaxValue : parsed.GetValue(limit) ?? DefaultLimit, cancellationToken);
                output.Result(trail, () => ApiJson.Context.AuditDto, console => OperationText.Write(console, trail));
                if (trail.Next is { } next)
                {
                    output.Remark(isForward
                        ? FormattableString.Invariant($"There are newer entries: add --after {next} for the next ones, or --all.")
                        : FormattableString.Invariant($"There are older entries: add --before {next} for the ones before these, or --all."));
                }

                return ExitCodes.Done;
            });
        command.Validators.Add(result =>
        {
            if (result.GetResult(all) is { Implicit: false } && result.GetResult(limit) is not null)
            {
                result.AddError("Give --all or --limit, not both.");
            }

            if (Given(result, until) <= Given(result, since))
            {
                result.AddError("--until must be later than --since.");
            }
        });
        foreach (var option in (Option[])[after, before, since, until, limit, all])
        {
            command.Options.Add(option);
        }

        return command.WithExamples(
            "orchestrator audit",
            "orchestrator audit --since 12h",
            "orchestrator audit --before 4200 --limit 50",
            "orchestrator audit --since 2026-02-01T00:00:00Z --until 2026-03-01T00:00:00Z --all",
            "orchestrator audit --after 120 --output json    # for programs");
    }

    /// <summary>An option's value; null if it is not given, or is malformed, of which the parser tells by itself.</summary>
    private static DateTimeOffset? Given(CommandResult command, Option<DateTimeOffset?> option)
    {
        try
        {
            return command.GetValue(option);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The entries in the order of their numbers, however many pages they take.</summary>
    private static async Task<AuditDto> Read(OrchestratorClient client, AuditQuery query, long most, CancellationToken cancellationToken)
    {
        var entries = new List<AuditEntryDto>();
        var through = query.After;
        while (true)
        {
            var page = await client.Audit(query with { Limit = (int)Math.Min(AuditReading.MaxEntries, most - entries.Count) }, cancellationToken);
            entries.AddRange(page.Entries);
            through = Math.Max(through, page.Through);
            if (page.Next is not { } next || entries.Count >= most)
            {
                return new AuditDto([.. query.NewestFirst ? entries.AsEnumerable().Reverse() : entries], through) { Next = page.Next };
            }

            query = query.NewestFirst ? query with { Before = next } : query with { After = next };
        }
    }

    private static Option<DateTimeOffset?> Moment(string name, string description, TimeProvider time) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = (ArgumentResult result) => result.Tokens[^1].Value switch
        {
            var text when Times.Read(text) is { } moment => moment,
            var text when Durations.TryParse(text, out var ago) => time.GetUtcNow() - ago,
            var text => CommonOptions.Fail<DateTimeOffset?>(
                result, $"{name} must be a time with its offset from UTC, such as {Times.Example}, or how long ago, such as 2h or 7d (at most 40d), not '{text}'."),
        },
    };
}
