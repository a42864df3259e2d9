using System.Text.Json;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Composition;

namespace Orchestrator.Host.Tests.Notifications;

/// <summary>Webhooks of a whole process with a journal on disk.</summary>
public sealed class NotificationProcessTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_process_that_is_started_again_tells_what_is_new_and_what_was_not_taken_and_nothing_else()
    {
        await using var receiver = await Receiver.Start(attempt => attempt is 1 or 3 ? 503 : 204);

        var first = await Run(receiver, client => client.StartFreeze(new FreezeBody("main", "a release", null), default), attempts: 2);
        var second = await Run(receiver, client => client.LiftFreeze("main", default), attempts: 2);
        var third = await Run(receiver, client => client.StartFreeze(new FreezeBody(null, "another", null), default), attempts: 1);

        Assert.Equal(["audit-1 orchestrator.audit-freeze", "audit-1 orchestrator.audit-freeze"], first);
        Assert.Equal(["audit-2 orchestrator.audit-lift-freeze", "audit-2 orchestrator.audit-lift-freeze"], second);
        Assert.Equal(["audit-3 orchestrator.audit-freeze"], third);
    }

    /// <summary>Starts a process, orders something, waits for so many attempts to tell of it, and ends the process.</summary>
    private async Task<IReadOnlyList<string>> Run(Receiver receiver, Func<OrchestratorClient, Task<FreezeListDto>> order, int attempts)
    {
        var settings = SettingsBinder.Parse($$"""
            orchestrator {
              roles = [supervisor]
              http.port = 0
              remoting.port = 0
              journal.file = "{{directory.Path}}/journal.sqlite"
              clusters.main.replica-sets.rs-1.members = [node-1]
              notifications { poll-interval = 100ms, min-backoff = 10ms, webhooks.a.url = "{{receiver.Address}}" }
            }
            """);
        await using var process = await RunningProcess.Start(settings);
        await process.Await(async client =>
        {
            try
            {
                return await order(client);
            }
            catch (ApiException e) when (e.Problem.Status is 404 or 409)
            {
                // It is done already: only the answer was lost.
                return await client.Freezes(default);
            }
        });
        var told = new List<string>();
        while (told.Count < attempts)
        {
            var (headers, body) = await receiver.Next();
            told.Add($"{headers["webhook-id"]} {JsonElement.Parse(body).GetProperty("type").GetString()}");
        }

        await process.FinishNotifications();
        return told;
    }
}
