using System.Collections;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Drops messages until the predicate holds for one; fails when the time is over.</summary>
    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Wait(FishForMessageAsync(isMessage, max, hint, cancellationToken));

    /// <summary>Drops messages until one is of the type and the predicate holds for it; fails when the time is over.</summary>
    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Wait(FishForMessageAsync(isMessage, max, hint, cancellationToken));

    /// <summary>As the overload without <paramref name="allMessages"/>, which gets the dropped messages.</summary>
    public T FishForMessage<T>(
        Predicate<T> isMessage, ArrayList allMessages, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Wait(FishForMessageAsync(isMessage, allMessages, max, hint, cancellationToken));

    /// <summary>Drops messages until the predicate holds for one; fails when the time is over.</summary>
    public ValueTask<object> FishForMessageAsync(
        Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Fish(isMessage, null, max, hint, cancellationToken);

    /// <summary>Drops messages until one is of the type and the predicate holds for it; fails when the time is over.</summary>
    public ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Fish(isMessage, null, max, hint, cancellationToken);

    /// <summary>As the overload without <paramref name="allMessages"/>, which gets the dropped messages.</summary>
    public ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage, ArrayList allMessages, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Fish(isMessage, allMessages, max, hint, cancellationToken);

    /// <summary>Drops messages until one is of the type; fails when the time is over.</summary>
    public async Task FishUntilMessageAsync<T>(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        await Fish<T>(_ => true, null, max, "", cancellationToken).ConfigureAwait(false);

    private async ValueTask<T> Fish<T>(Predicate<T> isMessage, ArrayList? dropped, TimeSpan? max, string hint, CancellationToken token)
    {
        var limit = RemainingOrDilated(max);
        var stop = Now + limit;
        while (true)
        {
            var envelope = await TakeOne(Left(stop), token).ConfigureAwait(false);
            if (envelope is null)
            {
                _assertions.Fail($"Timeout ({limit}) during fishForMessage{(hint.Length == 0 ? "" : ", hint: " + hint)}");
            }

            if (envelope!.Message is T message && isMessage(message))
            {
                return message;
            }

            dropped?.Add(envelope.Message);
        }
    }
}
