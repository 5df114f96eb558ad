"""What `make bench-engine` needs: sets of pictures, our own runs, and other packages in environments of their
own, which are driven by scripts here and never imported by the project.
"""
