using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>One request to a node, from its text to the answer's.</summary>
internal sealed class DoubleRequest(DoubleNode node, HttpContext context)
{
    private readonly string _target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;

    public DoubleNode Node => node;

    public DoubleCluster Cluster => node.Cluster;

    public string Method => context.Request.Method;

    public IHeaderDictionary Headers => context.Request.Headers;

    /// <summary>The parts of the path, decoded; a slash inside a part was <c>%2F</c>.</summary>
    public IReadOnlyList<string> Path { get; private set; } = [];

    public IReadOnlyDictionary<string, string> Query { get; private set; } = new Dictionary<string, string>();

    /// <summary>The body as JSON; null for none.</summary>
    public JsonNode? Body { get; private set; }

    public IHeaderDictionary AnswerHeaders => context.Response.Headers;

    public int Status { get; set; } = 200;

    /// <summary>Whether it came to the node's own port, of 2.x.</summary>
    public bool IsAtOwnPort => context.Connection.LocalPort == node.OwnAddress.Port;

    public bool IsJson => context.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true;

    public async Task Answer()
    {
        node.Requests.Enqueue($"{(IsAtOwnPort ? "own: " : "")}{Method} {_target}");
        if (node.Slowness > TimeSpan.Zero)
        {
            await Task.Delay(node.Slowness, context.RequestAborted);
        }

        JsonNode? answer;
        try
        {
            await Read();
            Access.Check(this);
            answer = await Route();
        }
        catch (CouchError error)
        {
            Status = error.Status;
            answer = new JsonObject { ["error"] = error.Error, ["reason"] = error.Message };
        }

        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "must-revalidate";
        context.Response.Headers.Server = $"CouchDB/{Cluster.Version} (Erlang OTP/25)";
        if (Method != "HEAD")
        {
            await context.Response.WriteAsync((answer?.ToJsonString() ?? "null") + "\n");
        }
    }

    private async Task Read()
    {
        if (!_target.StartsWith(Cluster.Prefix + "/", StringComparison.Ordinal))
        {
            throw new CouchError(404, "", "the proxy knows no such path");
        }

        var parts = _target[Cluster.Prefix.Length..].Split('?', 2);
        Path = [.. parts[0].TrimStart('/').Split('/').Select(Uri.UnescapeDataString)];
        Path = Path is [var database, ""] ? [database] : Path;
        Query = parts.Length == 1
            ? Query
            : parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2))
                .ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair.ElementAtOrDefault(1)?.Replace('+', ' ') ?? ""));
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        try
        {
            // Bodies of compactions are not looked at.
            Body = text.Length == 0 || _target.Contains("/_compact") ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            throw new CouchError(400, "bad_request", "invalid UTF-8 JSON");
        }
    }

    private async Task<JsonNode?> Route() => Path[0] switch
    {
        _ when IsAtOwnPort => NodePortRequests.Answer(this),
        "_node" when Cluster.Speaks.IsSingle => throw CouchError.IllegalName("_node"),
        "_node" => await NodeRequests.Answer(this),
        ['_', ..] when !Cluster.Databases.ContainsKey(Path[0]) && Path[0] is not ("_users" or "_replicator" or "_global_changes") => ServerRequests.Answer(this),
        "" => ServerRequests.Answer(this),
        _ => DatabaseRequests.Answer(this),
    };
}
