using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Engines.CouchDb;

/// <summary>The disks of the nodes, which CouchDB does not tell: as configured, or as Prometheus node exporters tell.</summary>
internal sealed partial class CouchDbDisks(CouchDbClusterOptions options, EngineHttp http, TimeProvider time) : IDisposable
{
    private const int MaxAnswerBytes = 16 << 20;

    // Exporters gather their figures anew for each question.
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(15);

    private readonly Lazy<HttpClient> _client = new(http.Create);
    private readonly ConcurrentDictionary<string, (long At, DiskSpace Space)> _seen = new(StringComparer.Ordinal);

    public async Task<DiskSpace> SpaceOf(string node, CancellationToken cancellationToken)
    {
        if (!options.NodeExporters.TryGetValue(node, out var exporter))
        {
            return options.FreeBytes.TryGetValue(node, out var free) ? new DiskSpace(free, free) : DiskSpace.Unseen;
        }

        if (_seen.TryGetValue(node, out var known) && time.GetElapsedTime(known.At) < Age)
        {
            return known.Space;
        }

        var space = await Ask(exporter, cancellationToken).ConfigureAwait(false);
        _seen[node] = (time.GetTimestamp(), space);
        return space;
    }

    /// <summary>Free and total bytes of a mount point, in the text format of Prometheus; unseen if it is not there.</summary>
    public static DiskSpace Parse(string text, string mount)
    {
        long? free = null, total = null;
        foreach (Match line in Line().Matches(text))
        {
            if (line.Groups["mount"].Value == mount && double.TryParse(line.Groups["value"].Value, CultureInfo.InvariantCulture, out var value))
            {
                (free, total) = line.Groups["what"].Value == "avail" ? ((long?)value, total) : (free, (long?)value);
            }
        }

        return free is { } bytes ? new DiskSpace(bytes, total ?? bytes) : DiskSpace.Unseen;
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private async Task<DiskSpace> Ask(Uri exporter, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.RequestTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, exporter);
            request.Headers.Accept.ParseAdd("text/plain");
            using var response = await _client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, limited.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? Parse(await response.Content.ReadAsStringAsync(limited.Token).ConfigureAwait(false), options.DataMount)
                : DiskSpace.Unseen;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return DiskSpace.Unseen;
        }
    }

    [GeneratedRegex("""^node_filesystem_(?<what>avail|size)_bytes\{[^}]*mountpoint="(?<mount>[^"]*)"[^}]*\}\s+(?<value>\S+)""", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
