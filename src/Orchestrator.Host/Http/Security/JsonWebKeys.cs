using Microsoft.IdentityModel.Tokens;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Http.Security;

/// <summary>The issuer's keys cannot be had; the message says why.</summary>
internal sealed class KeysUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A JWK set (RFC 7517) from a file or URL, kept for a while. An unknown key id makes it read again, at most once a
/// minute; if that fails the keys that are there stay in use.
/// </summary>
/// <param name="source">Path of a file, or an http(s) URL.</param>
/// <param name="refresh">How long keys are kept.</param>
internal sealed class JsonWebKeys(string source, TimeSpan refresh, HttpClient http, TimeProvider time) : IDisposable
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly TimeSpan MinPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim reading = new(1, 1);
    private volatile Known known = new([], null);
    private long? triedAt;

    /// <summary>How long one reading may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The keys that may have signed a token.</summary>
    /// <param name="keyId">As the token names it; null or empty if it names none.</param>
    /// <param name="cancellationToken">Ends the waiting, not the reading: who hangs up must not keep others from the keys.</param>
    /// <exception cref="KeysUnavailableException">There are none, and they cannot be read.</exception>
    public Task<IReadOnlyList<SecurityKey>> For(string? keyId, CancellationToken cancellationToken) =>
        IsWanted(keyId) ? ReadAgain(keyId).WaitAsync(cancellationToken) : Task.FromResult(known.Keys);

    public void Dispose()
    {
        reading.Dispose();
        http.Dispose();
    }

    private static bool IsPassing(Exception e) =>
        e is HttpRequestException or IOException or UnauthorizedAccessException or ArgumentException or TimeoutException;

    /// <summary>Whether the keys that are known are too old, or not the one that a token names.</summary>
    private bool IsWanted(string? keyId)
    {
        var (keys, readAt) = known;
        return readAt is not { } at || time.GetElapsedTime(at) > refresh || keys.Count == 0 || (!string.IsNullOrEmpty(keyId) && keys.All(key => key.KeyId != keyId));
    }

    private async Task<IReadOnlyList<SecurityKey>> ReadAgain(string? keyId)
    {
        await reading.WaitAsync();
        try
        {
            if (IsWanted(keyId) && (triedAt is not { } at || time.GetElapsedTime(at) > MinPause))
            {
                triedAt = time.GetTimestamp();
                known = new Known(await Read(), triedAt);
            }
        }
        catch (Exception e) when (IsPassing(e) && known.Keys.Count > 0)
        {
            // Better the keys of an hour ago than nobody getting in while the issuer is away.
        }
        catch (Exception e) when (IsPassing(e))
        {
            throw new KeysUnavailableException($"the issuer's keys cannot be read: {(e is HttpRequestException http ? OutgoingHttp.Reason(http) : e.Message)}", e);
        }
        finally
        {
            reading.Release();
        }

        var keys = known.Keys;
        return keys.Count > 0 ? keys : throw new KeysUnavailableException("there are no keys of the issuer");
    }

    private async Task<IReadOnlyList<SecurityKey>> Read()
    {
        var text = source.StartsWith("http", StringComparison.Ordinal) && Uri.TryCreate(source, UriKind.Absolute, out var url) && !url.IsFile
            ? await Fetch(url)
            : BoundedFile.ReadText(source);

        // A symmetric key in a set that others can read would let anybody sign.
        return [.. new JsonWebKeySet(text).GetSigningKeys().Where(key => key is AsymmetricSecurityKey or JsonWebKey { Kty: "RSA" or "EC" })];
    }

    private async Task<string> Fetch(Uri url)
    {
        using var limited = new CancellationTokenSource(Patience);
        try
        {
            using var response = await http.GetAsync(url, limited.Token);
            response.EnsureSuccessStatusCode();
            await response.Content.LoadIntoBufferAsync(MaxBytes, limited.Token);
            return await response.Content.ReadAsStringAsync(limited.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"{url} did not answer in time", e);
        }
    }

    /// <param name="Keys">What was read last.</param>
    /// <param name="ReadAt">When; null if they never were.</param>
    private sealed record Known(IReadOnlyList<SecurityKey> Keys, long? ReadAt);
}
