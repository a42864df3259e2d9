using Microsoft.AspNetCore.Components;

namespace Orchestrator.Host.Web;

/// <summary>A page that asks again and again what it shows, as long as it is open.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _closed = new();

    [Inject]
    private protected Desk Desk { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    /// <summary>The page is closed.</summary>
    protected CancellationToken Closed => _closed.Token;

    /// <summary>Time between an answer and the next question.</summary>
    protected virtual TimeSpan Interval => TimeSpan.FromSeconds(2);

    /// <summary>Asks what is to be shown.</summary>
    protected abstract Task Refresh();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _ = RefreshWhileOpen();
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_closed.IsCancellationRequested)
        {
            _closed.Cancel();
            _closed.Dispose();
        }
    }

    private async Task RefreshWhileOpen()
    {
        var closed = Closed;
        try
        {
            while (!closed.IsCancellationRequested)
            {
                await InvokeAsync(Refresh);
                await InvokeAsync(StateHasChanged);
                await Task.Delay(Interval, Time, closed);
            }
        }
        catch (Exception) when (closed.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
    }
}
