using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>URLs of servers in the settings of a cluster.</summary>
/// <param name="Example">How one looks, for the messages.</param>
internal sealed record EngineUrls(string Example)
{
    private const int Most = 99;

    /// <summary>What the messages call one.</summary>
    public string Noun { get; init; } = "URL";

    /// <summary>Where user and password go, for the messages.</summary>
    public string UserRemark { get; init; } = "do not belong there";

    /// <summary>Whether they may have a path, as a proxy's; then each ends with a slash, so that paths can be put behind it.</summary>
    public bool HavePaths { get; init; }

    /// <summary>Whether some may be https and others http.</summary>
    public bool MixSchemes { get; init; }

    /// <summary>The list <c>endpoints</c>, at least one; what is wrong is an error of the settings.</summary>
    public IReadOnlyList<Uri> ReadEndpoints(IEngineSettings cluster)
    {
        const string key = "endpoints";
        var texts = cluster.TextList(key, Check);
        if (cluster.Has(key) && texts.Count == 0 && !cluster.HasErrorAt(key))
        {
            cluster.Fail(key, $"expected at least one {Noun}, found none", 0);
        }
        else if (texts.Count > Most)
        {
            cluster.Fail(key, $"expected at most {Most} {Noun}s, found {texts.Count}", 0);
        }

        var urls = texts.Where(text => Check(text) is null).Select(text => new Uri(HavePaths && !text.EndsWith('/') ? $"{text}/" : text)).ToList();
        if (!MixSchemes && urls.Select(url => url.Scheme).Distinct().Count() > 1)
        {
            cluster.Fail(key, $"expected all {Noun}s with https or all with http, found both", 0);
        }

        return urls;
    }

    /// <returns>What is wrong with one; null if nothing is.</returns>
    public string? Check(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && (HavePaths ? url.Query.Length == 0 && url.Fragment.Length == 0 : url.PathAndQuery == "/")
        && url.UserInfo.Length == 0
            ? null
            : $"expected a {Noun} such as {Example}, found \"{(url?.UserInfo.Length > 0 ? $"a URL with user and password, which {UserRemark}" : text)}\"";
}
