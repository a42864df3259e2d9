using System.Diagnostics;
using System.Globalization;
using Orchestrator.Host.Demo;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>A real etcd process on loopback with its files in a temporary directory.</summary>
internal sealed class EtcdMember(string name, string directory, string scheme, IReadOnlyList<string> extra)
{
    private Process? process;
    private string initialCluster = "";
    private string state = "new";

    public string Name => name;

    public Uri ClientUrl { get; } = new($"{scheme}://127.0.0.1:{FreePorts.Find(1)[0]}");

    public Uri PeerUrl { get; } = new($"http://127.0.0.1:{FreePorts.Find(1)[0]}");

    public string DataDirectory => Path.Combine(directory, name);

    public string PeerEntry => $"{name}={Text(PeerUrl)}";

    public void Start(string cluster, string clusterState)
    {
        (initialCluster, state) = (cluster, clusterState);
        Start();
    }

    public void Start()
    {
        var log = Path.Combine(directory, $"{name}.log");
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = directory,
            ArgumentList = { "-c", "exec etcd \"$@\" >> \"$0\" 2>&1", log },
        };
        string[] arguments =
        [
            "--name", name, "--data-dir", DataDirectory,
            "--listen-client-urls", Text(ClientUrl), "--advertise-client-urls", Text(ClientUrl),
            "--listen-peer-urls", Text(PeerUrl), "--initial-advertise-peer-urls", Text(PeerUrl),
            "--initial-cluster", initialCluster, "--initial-cluster-state", state,
            // Nothing here outlives the machine, and on a busy one nobody stands for election without need.
            "--unsafe-no-fsync", "--heartbeat-interval", "100", "--election-timeout", "2000",

            // Else members can be added only after five seconds without any trouble.
            "--strict-reconfig-check=false",
            .. extra,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        process = Process.Start(start);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (process is { HasExited: false } running)
        {
            running.Kill();
            running.WaitForExit();
        }
    }

    /// <summary>SIGSTOP: the connections stay, no answer comes.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public string Log() => File.Exists(Path.Combine(directory, $"{name}.log")) ? File.ReadAllText(Path.Combine(directory, $"{name}.log")) : "";

    private void Signal(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
