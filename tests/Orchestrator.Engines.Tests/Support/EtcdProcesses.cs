using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Engines.Etcd;

namespace Orchestrator.Engines.Tests.Support;

/// <summary>A real etcd cluster on loopback, named m1, m2 and so on, and what a test does to it beside the orchestrator.</summary>
internal sealed class EtcdProcesses : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string directory = Directory.CreateTempSubdirectory("orchestrator-etcd-").FullName;
    private readonly HttpClient http;
    private readonly string scheme;
    private readonly IReadOnlyList<string> extra;

    private EtcdProcesses(int count, string scheme, IReadOnlyList<string> extra, HttpClient http)
    {
        (this.scheme, this.extra, this.http) = (scheme, extra, http);
        Members = [.. Enumerable.Range(1, count).Select(number => new EtcdMember($"m{number}", directory, scheme, extra))];
    }

    public List<EtcdMember> Members { get; }

    public EtcdMember this[string name] => Members.Single(member => member.Name == name);

    public IReadOnlyList<Uri> Endpoints => [.. Members.Select(member => member.ClientUrl)];

    /// <summary>The token that this class's own calls carry; empty for none.</summary>
    public string Token { get; set; } = "";

    public static async Task<EtcdProcesses> Start(int count, params string[] extra) => await Start(count, "http", extra, new HttpClient());

    public static async Task<EtcdProcesses> Start(int count, string scheme, IReadOnlyList<string> extra, HttpClient http)
    {
        http.Timeout = TimeSpan.FromSeconds(60);
        var cluster = new EtcdProcesses(count, scheme, extra, http);
        var entries = string.Join(',', cluster.Members.Select(member => member.PeerEntry));
        try
        {
            foreach (var member in cluster.Members)
            {
                member.Start(entries, "new");
            }

            await cluster.AwaitLeader();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Posts to a member's gateway and gives the answer.</summary>
    public async Task<JsonNode> Post(EtcdMember member, string path, JsonObject body, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(member.ClientUrl, path));
        request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        if (Token.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Authorization", Token);
        }

        using var response = await http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new HttpRequestException($"{member.Name} {path}: {text}", null, response.StatusCode);
    }

    public async Task<StatusResponse> Status(EtcdMember member) =>
        (await Post(member, "v3/maintenance/status", [])).Deserialize(EtcdJson.Default.StatusResponse)!;

    /// <summary>The leader that all members agree on.</summary>
    public async Task<EtcdMember> AwaitLeader()
    {
        EtcdMember? leader = null;
        await Until(
            async () =>
            {
                var statuses = await Task.WhenAll(Members.Select(Status));
                var index = Array.FindIndex(statuses, status => status.IsLeader);
                leader = index >= 0 && statuses.All(status => status.Leader == statuses[index].Leader) ? Members[index] : null;
                return leader is not null;
            },
            "the members never agreed on a leader");
        return leader!;
    }

    public async Task MoveLeaderTo(EtcdMember target)
    {
        var leader = await AwaitLeader();
        if (leader != target)
        {
            var id = (await Status(target)).Header.MemberId;
            await Post(leader, "v3/maintenance/transfer-leadership", new JsonObject { ["targetID"] = id.ToString(System.Globalization.CultureInfo.InvariantCulture) });
            await Until(async () => await AwaitLeader() == target, $"{target.Name} never became leader");
        }
    }

    public async Task<long> Put(EtcdMember member, string key, byte[] value, CancellationToken cancellationToken = default)
    {
        var answer = await Post(
            member, "v3/kv/put", new JsonObject { ["key"] = Base64(key), ["value"] = Convert.ToBase64String(value) }, cancellationToken);
        return long.Parse(answer["header"]!["revision"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Writes values of 512 KiB, deletes most of them, and removes their history: the files keep what nobody needs.</summary>
    public async Task Fragment(int megabytes, double keep = 0.1)
    {
        var values = megabytes * 2;
        var random = new Random(17);
        var value = new byte[512 << 10];
        var revision = 0L;
        for (var i = 0; i < values; i++)
        {
            random.NextBytes(value);
            revision = await Answered(() => Put(Members[0], $"fill/{i:D6}", value));
        }

        var range = new JsonObject
        {
            ["key"] = Base64("fill/"),
            ["range_end"] = Base64($"fill/{(int)(values * (1 - keep)):D6}"),
        };
        var answer = await Answered(() => Post(Members[0], "v3/kv/deleterange", range));
        revision = long.Parse(answer["header"]!["revision"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        await Compact(new JsonObject { ["revision"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture), ["physical"] = true });
        foreach (var member in Members)
        {
            // Pages that one transaction frees count as free only after the next one.
            await Answered(() => Put(Members[0], "touch", [1]));
            await Until(async () => await Put(Members[0], "touch", [1]) > 0 && await Status(member) is var status && status.DbSizeInUse < status.DbSize / 2, $"{member.Name} did not remove its history");
        }
    }

    /// <summary>Adds a member and starts it.</summary>
    public async Task<EtcdMember> Add()
    {
        var member = await Announce(isLearner: false);
        Begin(member);
        return member;
    }

    public async Task<EtcdMember> Announce(bool isLearner)
    {
        var member = new EtcdMember($"m{Members.Count + 1}", directory, scheme, extra);
        await Post(Members[0], "v3/cluster/member/add", new JsonObject
        {
            ["peerURLs"] = new JsonArray(member.PeerUrl.GetLeftPart(UriPartial.Authority)),
            ["isLearner"] = isLearner,
        });
        return member;
    }

    public void Begin(EtcdMember member)
    {
        member.Start(string.Join(',', Members.Append(member).Select(one => one.PeerEntry)), "existing");
        Members.Add(member);
    }

    /// <summary>Creates the users root (with a password) and plain, and switches authentication on.</summary>
    public async Task EnableAuthentication(string password)
    {
        await Post(Members[0], "v3/auth/user/add", new JsonObject { ["name"] = "root", ["password"] = password });
        await Post(Members[0], "v3/auth/role/add", new JsonObject { ["name"] = "root" });
        await Post(Members[0], "v3/auth/user/grant", new JsonObject { ["user"] = "root", ["role"] = "root" });
        await Post(Members[0], "v3/auth/user/add", new JsonObject { ["name"] = "plain", ["password"] = password });
        await Post(Members[0], "v3/auth/enable", []);
    }

    /// <summary>Removes history; what was carried out although no answer came is not ordered again.</summary>
    private Task Compact(JsonObject body) => Until(
        async () =>
        {
            try
            {
                await Post(Members[0], "v3/kv/compaction", body);
            }
            catch (HttpRequestException e) when (e.Message.Contains("has been compacted", StringComparison.Ordinal))
            {
            }

            return true;
        },
        "the history was never removed");

    /// <summary>Asks again while a busy machine keeps etcd from answering.</summary>
    private static async Task<T> Answered<T>(Func<Task<T>> ask)
    {
        T? answer = default;
        await Until(
            async () =>
            {
                answer = await ask();
                return true;
            },
            "etcd never answered");
        return answer!;
    }

    /// <summary>Waits for something that etcd does.</summary>
    public static async Task Until(Func<Task<bool>> condition, string otherwise)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // It starts, or has no leader yet.
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(otherwise);
            }

            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
        {
            member.Kill();
        }

        http.Dispose();
        await Task.Run(() => TemporaryFiles.Delete(directory));
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
