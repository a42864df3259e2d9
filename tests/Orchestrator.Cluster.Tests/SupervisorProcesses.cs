using Orchestrator.Host.Demo;

namespace Orchestrator.Cluster.Tests;

/// <summary>Processes that hold no database and take turns in hosting the supervisor. One that is killed is started again.</summary>
internal sealed class SupervisorProcesses : IAsyncDisposable
{
    private readonly DemoDirectory directory;
    private readonly Dictionary<string, string> configFiles = [];
    private readonly Dictionary<string, NodeProcess> processes = [];

    private SupervisorProcesses(DemoDirectory directory) => this.directory = directory;

    /// <param name="nodes">The database nodes, which are the seed nodes too.</param>
    /// <param name="more">What else is written into the configurations, in HOCON.</param>
    public static SupervisorProcesses Start(DemoDirectory directory, IReadOnlyList<NodePlace> nodes, int count, string more)
    {
        var started = new SupervisorProcesses(directory);
        var ports = FreePorts.Find(2 * count);
        for (var i = 0; i < count; i++)
        {
            var place = new NodePlace(FormattableString.Invariant($"supervisor-{i + 1}"), ports[2 * i], ports[(2 * i) + 1]);
            started.configFiles[place.Name] = directory.WriteConfiguration(place, nodes, more + "orchestrator.roles = [supervisor]");
            started.Start(place);
        }

        return started;
    }

    /// <summary>Kills the process with a remoting address.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> Kill(string host)
    {
        var process = processes.Values.Single(process =>
            host.EndsWith(FormattableString.Invariant($":{process.Place.RemotingPort}"), StringComparison.Ordinal));
        await process.Kill();
        return process.Place.Name;
    }

    /// <summary>Starts again who has ended without being killed, as a service manager does: a slow machine may cost a process its membership.</summary>
    public async Task StartEnded()
    {
        foreach (var name in processes.Where(entry => entry.Value.HasFailed).Select(entry => entry.Key).ToList())
        {
            await StartAgain(name);
        }
    }

    public async Task StartAgain(string name)
    {
        var dead = processes[name];
        await dead.DisposeAsync();
        Start(dead.Place);
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(processes.Values.Select(process => process.DisposeAsync().AsTask()));

    private void Start(NodePlace place) =>
        processes[place.Name] = NodeProcess.Start(place, configFiles[place.Name], directory.LogOf(place.Name));
}
