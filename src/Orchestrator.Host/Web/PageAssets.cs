using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Orchestrator.Host.Web;

/// <summary>Scripts and styles of the page. They are parts of the executable, so that one file is all there is to install.</summary>
internal static class PageAssets
{
    private const string Prefix = "page/";

    private static readonly ConcurrentDictionary<string, Asset?> _assets = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> _types = new(StringComparer.Ordinal)
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    /// <summary>Address of a file; another one as soon as its content is.</summary>
    public static string Address(string name) => $"/assets/{Find(name)!.Version}/{name}";

    public static IResult Serve(string version, string name, HttpContext http)
    {
        if (Find(name) is not { } asset || asset.Version != version)
        {
            return TypedResults.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        http.Response.Headers.Vary = "Accept-Encoding";
        if (!http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Bytes(asset.Plain, asset.Type);
        }

        http.Response.Headers.ContentEncoding = "gzip";
        return TypedResults.Bytes(asset.Packed.Value, asset.Type);
    }

    private static Asset? Find(string name) => _assets.TryGetValue(name, out var known) ? known : Load(name);

    private static Asset? Load(string name)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(Prefix + name);
        if (stream is null)
        {
            // Not kept: names come from outside, and there are only so many files.
            return null;
        }

        var plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        var asset = new Asset(
            plain,
            new Lazy<byte[]>(() => Pack(plain)),
            _types[Path.GetExtension(name)],
            Convert.ToHexStringLower(SHA256.HashData(plain))[..12]);
        return _assets.GetOrAdd(name, asset);
    }

    private static byte[] Pack(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private sealed record Asset(byte[] Plain, Lazy<byte[]> Packed, string Type, string Version);
}
