using System.CommandLine;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Cli.Commands;

/// <summary>What an administrator does about the supervisor's journal.</summary>
internal static class JournalCommands
{
    public static Command Create(CommandRunner runner) => new("journal", "Repairs the supervisor's journal.") { Adopt(runner) };

    private static Command Adopt(CommandRunner runner)
    {
        var reason = new Option<string?>("--reason") { Description = "Why; kept in the audit trail.", HelpName = "TEXT" };
        var command = ClientCommand.Create(
            runner,
            "adopt",
            "Continues with a new journal after the old one was lost: the supervisor takes an epoch above the one that the members obey. "
            + "Refused while the other supervisor is still active. Names what was lost with the old journal.",
            async (parsed, client, output, cancellationToken) =>
            {
                var adopted = await client.AdoptJournal(new ReasonBody(parsed.GetValue(reason)), cancellationToken);
                output.Result(adopted, () => ApiJson.Context.JournalAdoptedDto, console =>
                {
                    console.Prose(FormattableString.Invariant(
                        $"The supervisor reigns in epoch {adopted.Epoch}; members of {string.Join(", ", adopted.Clusters)} obeyed epoch {adopted.FormerEpoch}.\nLost with the former journal:"));
                    foreach (var lost in adopted.Lost)
                    {
                        console.Prose($"- {lost}");
                    }
                });
                return ExitCodes.Done;
            });
        command.Options.Add(reason);
        return command.WithExamples("orchestrator journal adopt --reason 'disk of the journal lost'");
    }
}
