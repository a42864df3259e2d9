using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Demo;

/// <summary>The directory of a demo: for each node a configuration file, a data directory and a log; the shared journal.</summary>
internal sealed class DemoDirectory : IDisposable
{
    public const string ClusterName = "demo";
    public const string ReplicaSetName = "rs-1";

    private readonly bool keep;
    private readonly bool created;
    private DirectoryInfo? logs;

    private DemoDirectory(string path, bool created, bool keep)
    {
        Path = path;
        this.created = created;
        this.keep = keep;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes the directory, or takes an empty one.</summary>
    /// <exception cref="DemoException">It cannot be made.</exception>
    /// <exception cref="RefusedException">It is not empty.</exception>
    public static DemoDirectory Create(DemoOptions options)
    {
        if (options.Directory is not { } wanted)
        {
            return new DemoDirectory(Directory.CreateTempSubdirectory("orchestrator-demo-").FullName, created: true, options.Keep);
        }

        try
        {
            var path = System.IO.Path.GetFullPath(wanted);
            var exists = Directory.Exists(path);
            if (exists && Directory.EnumerateFileSystemEntries(path).Any())
            {
                throw new RefusedException($"{wanted} is not empty. The demo needs a new or an empty directory.");
            }

            Directory.CreateDirectory(path);
            return new DemoDirectory(path, created: !exists, options.Keep);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DemoException($"The directory {wanted} cannot be made: {(File.Exists(wanted) ? "it is a file" : FileProblem.Of(e, wanted))}.", e);
        }
    }

    /// <summary>Refuses to begin what would fill the disk.</summary>
    /// <param name="dataBytes">Size of the documents, once.</param>
    /// <param name="nodes">How many nodes hold them.</param>
    /// <exception cref="DemoException">There is too little space.</exception>
    public void RequireSpace(long dataBytes, int nodes)
    {
        // Each node: the documents, as much again while it compacts, as much for indexes and logs.
        var needed = (dataBytes * 3 * nodes) + (32L << 20);
        var free = new DriveInfo(Path).AvailableFreeSpace;
        if (free < needed)
        {
            throw new DemoException(
                $"The disk of {Path} has {Human.Bytes(free)} free, but about {Human.Bytes(needed)} are needed; "
                + "use fewer documents or another --directory.");
        }
    }

    public string DataOf(string node) => System.IO.Path.Combine(Path, node, "data");

    public string LogOf(string node) => System.IO.Path.Combine(Path, node, "node.log");

    public string FreshCopy => System.IO.Path.Combine(Path, "fresh-copy");

    /// <summary>Writes a node's configuration file.</summary>
    /// <param name="all">All nodes, this one included.</param>
    /// <param name="more">HOCON that overrides the rest.</param>
    /// <returns>Path of the file.</returns>
    public string WriteConfiguration(NodePlace node, IReadOnlyList<NodePlace> all, string more = "")
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, node.Name));
        var file = System.IO.Path.Combine(Path, node.Name, "node.conf");
        var seeds = string.Join(", ", all.Select(other => string.Create(CultureInfo.InvariantCulture, $"\"127.0.0.1:{other.RemotingPort}\"")));
        var members = string.Join(", ", all.Select(other => other.Name));
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            # A node of the demo. Everything that is not named here has its default.
            orchestrator {
              roles = [node, supervisor]
              http { host = "127.0.0.1", port = {{node.HttpPort}} }
              remoting { host = "127.0.0.1", port = {{node.RemotingPort}}, seed-nodes = [{{seeds}}] }
              node {
                name = {{node.Name}}
                cluster = {{ClusterName}}
                replica-set = {{ReplicaSetName}}
                data-directory = {{Quote(DataOf(node.Name))}}
                # The proof compares with a fresh copy, which has no tombstones.
                tombstone-retention = 0s
              }
              clusters.{{ClusterName}} { engine = embedded, replica-sets.{{ReplicaSetName}}.members = [{{members}}] }
              journal.file = {{Quote(System.IO.Path.Combine(Path, "journal.sqlite"))}}
              supervisor { observe-interval = 200ms, assess-interval = 200ms }
              runs { settle = 200ms, min-reclaimable-bytes = 1, min-fragmentation = 0%, min-step-down-bytes = 0 }
            }
            {{more}}
            """));
        return file;
    }

    /// <summary>The nodes' logs outlive the directory: they are copied when it is removed.</summary>
    /// <returns>Where they are found then.</returns>
    public string KeepLogs() => keep ? Path : (logs ??= Directory.CreateTempSubdirectory("orchestrator-demo-logs-")).FullName;

    /// <summary>Removes everything, unless it shall be kept.</summary>
    public void Dispose()
    {
        if (keep)
        {
            return;
        }

        try
        {
            CopyLogs();
            if (created)
            {
                Directory.Delete(Path, recursive: true);
                return;
            }

            foreach (var directory in Directory.EnumerateDirectories(Path))
            {
                Directory.Delete(directory, recursive: true);
            }

            foreach (var file in Directory.EnumerateFiles(Path))
            {
                File.Delete(file);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Someone else has removed it; that is what was wanted.
        }
    }

    private void CopyLogs()
    {
        if (logs is null)
        {
            return;
        }

        foreach (var node in new DirectoryInfo(Path).GetDirectories().Where(node => File.Exists(LogOf(node.Name))))
        {
            File.Copy(LogOf(node.Name), System.IO.Path.Combine(logs.FullName, $"{node.Name}.log"));
        }
    }

    /// <summary>A JSON string is a HOCON string.</summary>
    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}

/// <summary>Where a node of the demo listens, on loopback.</summary>
internal sealed record NodePlace(string Name, int HttpPort, int RemotingPort)
{
    public Uri Address => new($"http://127.0.0.1:{HttpPort.ToString(CultureInfo.InvariantCulture)}");
}
