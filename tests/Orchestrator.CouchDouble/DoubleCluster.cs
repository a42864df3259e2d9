using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.CouchDouble;

/// <summary>A cluster of the double, as CouchDB 3.5 answers, or an earlier version if that is said. It keeps nothing; its clock is the machine's.</summary>
internal sealed class DoubleCluster : IAsyncDisposable
{
    private long _created = 1_700_000_000;

    private DoubleCluster(IReadOnlyList<int> ports, IReadOnlyList<int> nodePorts) => Nodes =
    [
        .. ports.Select((port, index) => new DoubleNode(
            this, string.Create(CultureInfo.InvariantCulture, $"couchdb@node{index + 1}.cluster"), port, nodePorts.ElementAtOrDefault(index))),
    ];

    public IReadOnlyList<DoubleNode> Nodes { get; }

    public string Version
    {
        get => Speaks.Text;
        set => Speaks = new DoubleVersion(value);
    }

    public DoubleVersion Speaks { get; private set; } = new("3.5.0");

    public ConcurrentDictionary<string, DoubleDatabase> Databases { get; } = new(StringComparer.Ordinal);

    /// <summary>Passwords of server administrators; nobody need log in while there is none.</summary>
    public Dictionary<string, string> Administrators { get; } = new(StringComparer.Ordinal);

    /// <summary>Passwords of users who are no administrators.</summary>
    public Dictionary<string, string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>Path under which a proxy shows it, for example <c>/db/couch</c>; empty for none. Nothing else is answered.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>The servers' own certificate; null for plain HTTP. Counts when a node starts.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>The only client certificate that is taken where there is TLS.</summary>
    public string ClientThumbprint { get; set; } = "";

    /// <summary>Whether a password is taken at <c>/_session</c> only, not with every request.</summary>
    public bool WantsSessions { get; set; }

    /// <summary>Number of the server's secret: sessions of an earlier one have ended.</summary>
    public int Secret { get; set; }

    /// <summary>Wrong passwords for each user; five lock the account.</summary>
    public ConcurrentDictionary<string, int> WrongPasswords { get; } = new(StringComparer.Ordinal);

    public IEnumerable<DoubleNode> Alive => Nodes.Where(node => node.IsAlive);

    /// <param name="ports">A node for each, on 127.0.0.1.</param>
    public static Task<DoubleCluster> Start(params IReadOnlyList<int> ports) => Start("3.5.0", ports, []);

    /// <param name="ports">A node for each, on 127.0.0.1; one of them for 1.x.</param>
    /// <param name="nodePorts">For 2.x, each node's own port.</param>
    public static async Task<DoubleCluster> Start(string version, IReadOnlyList<int> ports, IReadOnlyList<int> nodePorts)
    {
        var cluster = new DoubleCluster(ports, nodePorts) { Version = version };
        foreach (var node in cluster.Nodes)
        {
            await node.Start();
        }

        return cluster;
    }

    /// <summary>Creates a database; each copy of each range has the given sizes.</summary>
    /// <param name="copies">Copies of each range; 0 for one on every node.</param>
    public DoubleDatabase Create(string name, int q = 2, long file = 16692, long active = 0, int copies = 0)
    {
        var holders = Nodes.Take(copies == 0 ? Math.Min(3, Nodes.Count) : copies).ToList();
        var suffix = string.Create(CultureInfo.InvariantCulture, $".{Interlocked.Increment(ref _created)}");
        var database = new DoubleDatabase(name, suffix, q, [.. holders.Select(node => node.Name)]);
        foreach (var (holder, range) in holders.SelectMany(holder => database.ByRange.Keys.Select(range => (holder, range))))
        {
            holder.Shards[database.ShardOf(range)] = new DoubleShard(database.ShardOf(range)) { File = file, Active = Math.Min(active, file) };
        }

        Databases[name] = database;
        return database;
    }

    /// <summary>Adds a design document with an index on every copy.</summary>
    public void AddView(DoubleDatabase database, string designDocument, long file, long active)
    {
        database.Documents[$"_design/{designDocument}"] = new DoubleDocument(
            $"_design/{designDocument}",
            "1-967a00dff5e02add41819138abb3284d",
            false,
            new System.Text.Json.Nodes.JsonObject { ["views"] = new System.Text.Json.Nodes.JsonObject { ["all"] = new System.Text.Json.Nodes.JsonObject { ["map"] = "function (doc) { emit(doc._id) }" } } },
            ++database.Sequence);
        foreach (var (range, holders) in database.ByRange)
        {
            foreach (var node in holders)
            {
                this[node].Shards[database.ShardOf(range)].Views[designDocument] = new DoubleView(database.ShardOf(range), designDocument) { File = file, Active = active };
            }
        }
    }

    /// <summary>Deletes a database; what works on it ends without a trace.</summary>
    public bool Delete(string name)
    {
        if (!Databases.TryRemove(name, out var database))
        {
            return false;
        }

        foreach (var (node, range) in Nodes.SelectMany(node => database.ByRange.Keys.Select(range => (node, range))))
        {
            if (node.Shards.TryRemove(database.ShardOf(range), out var shard))
            {
                shard.Abort(leaves: false);
            }
        }

        return true;
    }

    /// <summary>Moves a copy of a range from one node to another, as an administrator does it by changing the map.</summary>
    public void Move(DoubleDatabase database, string range, DoubleNode from, DoubleNode to)
    {
        if (from.Shards.TryRemove(database.ShardOf(range), out var shard))
        {
            shard.Abort(leaves: false);
            to.Shards[database.ShardOf(range)] = new DoubleShard(shard.Shard) { File = shard.File, Active = shard.Active };
        }

        database.ByRange[range].Remove(from.Name);
        database.ByRange[range].Add(to.Name);
    }

    public DoubleNode this[string name] => Nodes.First(node => node.Name == name);

    /// <summary>One copy of each range, as the sums of the clustered answers count.</summary>
    public IEnumerable<DoubleShard> OneOfEach(DoubleDatabase database) => database.ByRange
        .Select(pair => pair.Value.Select(name => this[name]).Where(node => node.IsAlive).Select(node => node.Shards.GetValueOrDefault(database.ShardOf(pair.Key))).FirstOrDefault(shard => shard is not null))
        .OfType<DoubleShard>();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
